/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the two files of `siaga watch` share: cmd_watch.c has the options and opens, watch_sinks.c is where the entries
 * go.
 */
#ifndef CLI_WATCH_H
#define CLI_WATCH_H

#include "cli/exec.h"
#include "cli/follow.h"
#include "cli/out_file.h"
#include "cli/output.h"

struct watch {
	struct options_common common;
	struct options_filter filter;
	struct settings settings;
	struct output output;
	struct handled *handled;
	uint64_t count;
	const char *command; /* --exec */
	uint64_t exec_timeout_ms;
	uint64_t deadline_ms; /* by clock_mono_ms (); 0: none */
	struct exec *exec;
	const char *out_path;
	const char *cursor_path; /* also that beside out_path, `FILE.cursor` */
	char *beside;
	int cursor_lock;
	struct out_file *out;
	bool has_resume;
	struct cursor_file at;
};

/* To standard output; to the file, exactly once; to a command, until it succeeds. */
extern const struct follow_sink watch_stdout_sink;
extern const struct follow_sink watch_out_sink;
extern const struct follow_sink watch_exec_sink;

/* 0, or an enum cmd_exit, said to the user. */
int
watch_save_cursor (const struct watch *self);

/* The ids of the file's lines that are there: what else was once remembered does not count. As above. */
int
watch_read_handled (struct watch *self, struct handled *handled);

#endif
