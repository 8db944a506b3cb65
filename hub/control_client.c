/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `siaga-hub --status` and the like: the other end of the control socket.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "common/local_socket.h"
#include "common/render_json.h"
#include "hub/control.h"
#include "hub/hub_conf.h"
#include "hub/hub_limits.h"

#define ANSWER_SECONDS (HUB_DRAIN_MAX_MS / 1000 + 10)

/* The socket's path from the configuration; NULL when it is wrong, said. */
static char *
s_path (const char *conf_path)
{
	struct hub_conf conf;
	struct conf_error error = {""};
	char *path = NULL;

	if (hub_conf_load (&conf, conf_path, &error) != 0) {
		fprintf (stderr, "siaga-hub: %s\n", error.words);
		return NULL;
	}
	if (asprintf (&path, "%s/" CONTROL_SOCKET_NAME, conf.state) < 0)
		path = NULL;
	hub_conf_finish (&conf);
	return path;
}

static int
s_say (int fd, const char *verb, const char *principal)
{
	json_t *request = json_pack ("{s:s, s:s*}", "verb", verb, "principal", principal);
	char *text = request ? json_dumps (request, JSON_COMPACT) : NULL;
	bool said = text && local_socket_say (fd, text) && local_socket_say (fd, "\n");

	free (text);
	json_decref (request);
	return said ? 0 : -1;
}

static json_t *
s_ask (const char *path, const char *verb, const char *principal)
{
	json_error_t error;
	int fd = local_socket_connect (path, ANSWER_SECONDS);

	if (fd < 0) {
		fprintf (stderr, "siaga-hub: %s: %s%s\n", path, strerror (errno),
			 errno == ENOENT || errno == ECONNREFUSED ? " (no hub runs there)" : "");
		return NULL;
	}
	json_t *answer = s_say (fd, verb, principal) == 0
				 ? json_loadfd (fd, JSON_DISABLE_EOF_CHECK, &error)
				 : NULL;
	close (fd);
	if (!answer)
		fprintf (stderr, "siaga-hub: the hub gave no answer\n");
	return answer;
}

static void
s_print_done (const char *verb, const char *principal, const json_t *answer)
{
	json_int_t serial = json_integer_value (json_object_get (answer, "serial"));

	if (strcmp (verb, "kick") == 0)
		printf ("%s: %lld sessions ended\n", principal,
			(long long) json_integer_value (json_object_get (answer, "sessions")));
	else if (strcmp (verb, "drain") == 0)
		puts ("drained; the hub stops");
	else if (json_is_true (json_object_get (answer, "changed")))
		printf ("roster %lld is in force now\n", (long long) serial);
	else
		printf ("roster %lld is still in force; if a newer one was refused, the log says"
			" why\n",
			(long long) serial);
}

/* What software a peer said it is stands in it. */
static void
s_print_json (const json_t *answer)
{
	size_t size = 0;
	char *line = render_json_line (answer, isatty (STDOUT_FILENO), &size);

	if (line)
		fwrite (line, 1, size, stdout);
	free (line);
}

static int
s_show (const char *verb, const char *principal, const json_t *answer, bool json)
{
	const char *error = json_string_value (json_object_get (answer, "error"));

	if (json) {
		s_print_json (answer);
	} else if (error) {
		fprintf (stderr, "siaga-hub: %s\n", error);
	} else if (strcmp (verb, "status") == 0) {
		control_print (stdout, answer);
	} else {
		s_print_done (verb, principal, answer);
	}
	if (fflush (stdout) == EOF)
		return EX_IOERR;
	return json_is_true (json_object_get (answer, "ok")) ? EX_OK : EX_DATAERR;
}

int
control_ask (const char *conf_path, const char *verb, const char *principal, bool json)
{
	char *path = s_path (conf_path);

	if (!path)
		return EX_CONFIG;
	json_t *answer = s_ask (path, verb, principal);
	free (path);
	if (!answer)
		return EX_UNAVAILABLE;
	int status = s_show (verb, principal, answer, json);
	json_decref (answer);
	return status;
}
