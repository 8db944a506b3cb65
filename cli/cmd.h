/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The verbs of `siaga`, one function each in cmd_<verb>.c, and the exit codes they share (siaga(1)). main.c has
 * the table that leads to them.
 *
 * A verb gets its own words as a program gets its: argv[0] is the verb, the rest its options and operands, so
 * getopt_long (3) can be used at once. It handles `--help` itself (words on standard output, CMD_OK) and returns
 * what the process exits with. `siaga -c FILE VERB` has put FILE into the environment as SIAGA_CONF; libsodium is
 * set up (siaga_crypto_init ()) and the log is open.
 */
#ifndef CLI_CMD_H
#define CLI_CMD_H

/* Exit codes; those from 64 on have the meaning of sysexits(3). */
enum cmd_exit {
	CMD_OK = 0,
	CMD_REFUSED = 1, /* refused, not found, or something did not verify */
	/* Of the verbs that answer an alert, each why not: */
	CMD_STATE = 2,	   /* the alert's state does not allow it: another leads, or nobody does */
	CMD_OVER = 3,	   /* the alert is resolved or cancelled */
	CMD_NOTFOUND = 4,  /* no such alert, or not for you */
	CMD_AMBIGUOUS = 5, /* several alerts have that handle */
	CMD_USAGE = 64,	   /* wrong words on the command line */
	CMD_DATA = 65,	   /* input is not what it should be */
	CMD_NOINPUT = 66,  /* an input file is missing or cannot be read */
	CMD_UNAVAILABLE = 69, /* no hub answered, and nothing was queued */
	CMD_INTERNAL = 70,    /* our own mistake, or out of memory */
	CMD_CANTCREAT = 73,   /* an output file cannot be made */
	CMD_IO = 74,	      /* reading or writing failed */
	CMD_QUEUED = 75,      /* queued, goes with your next command */
	CMD_NOPERM = 77,      /* the roster does not let you, or it is not yours to say */
	CMD_CONFIG = 78,      /* the configuration, or what it names, is wrong */
	CMD_SIGNALED = 130,   /* a signal ended it before it was done */
};

int
cmd_keygen (int argc, char **argv);

int
cmd_card (int argc, char **argv);

int
cmd_roster (int argc, char **argv);

int
cmd_playbook (int argc, char **argv);

int
cmd_report (int argc, char **argv);

int
cmd_drill (int argc, char **argv);

int
cmd_rollcall (int argc, char **argv);

int
cmd_send (int argc, char **argv);

int
cmd_watch (int argc, char **argv);

int
cmd_log (int argc, char **argv);

int
cmd_show (int argc, char **argv);

/* ack, take, assist, handover, comment, resolve, reopen, update and cancel */
int
cmd_respond (int argc, char **argv);

int
cmd_open (int argc, char **argv);

int
cmd_verify (int argc, char **argv);

int
cmd_export (int argc, char **argv);

int
cmd_doctor (int argc, char **argv);

int
cmd_status (int argc, char **argv);

#endif
