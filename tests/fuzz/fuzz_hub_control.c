/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes into the hub's control socket, in pieces (a first byte each says how long), with the time going by: what is
 * answered is one line of JSON that says whether it is ok, and the hub goes on. The same bytes are printed as the
 * answer they might be.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>

#define HUB_FIXTURE_ALONE
#include "../unit/hub_fixture.h"
#include "common/local_socket.h"
#include "hub/control.h"

#define INPUTS_PER_HUB 256
#define ANSWER_MAX (1 << 20)
#define must(what) ((what) ? (void) 0 : abort ())

static struct hub *s_hub;
static struct control *s_control;
static char s_nowhere[] = "/nonexistent/roster.conf";
static char s_dir[] = "/tmp/siaga-fuzz-XXXXXX";

static void
s_end (void)
{
	control_destroy (&s_control);
	if (s_hub)
		hub_destroy (&s_hub);
}

static void
s_remove (void)
{
	s_end ();
	rmdir (s_dir);
}

static void
s_begin (void)
{
	static bool made;

	if (!made) {
		must (mkdtemp (s_dir) != NULL);
		atexit (s_remove);
	}
	made = true;
	s_end ();
	s_hub = hub_new ();
	s_hub->trust.roster_path = s_nowhere;
	hub_settle (s_hub);
	must ((s_control = control_new (s_hub->core, s_dir)) != NULL);
}

static void
s_check_answer (int fd)
{
	static char answer[ANSWER_MAX];
	ssize_t size = recv (fd, answer, sizeof answer, MSG_DONTWAIT);

	if (size <= 0)
		return;
	must (answer[size - 1] == '\n' && memchr (answer, '\n', (size_t) size - 1) == NULL);
	json_t *json = json_loadb (answer, (size_t) size, JSON_REJECT_DUPLICATES, NULL);
	must (json_is_boolean (json_object_get (json, "ok")));
	json_decref (json);
}

static void
s_talk (const uint8_t *data, size_t size)
{
	char path[128];

	snprintf (path, sizeof path, "%s/" CONTROL_SOCKET_NAME, s_dir);
	int fd = local_socket_connect (path, 1);
	must (fd >= 0);
	control_serve (s_control);
	while (size > 1) {
		size_t piece = data[0] + 1u < size ? data[0] + 1u : size - 1;
		if (send (fd, data + 1, piece, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
			break;
		control_serve (s_control);
		control_on_tick (s_control);
		data += piece + 1;
		size -= piece + 1;
	}
	if (control_wants_end (s_control)) {
		core_drain (s_hub->core);
		control_drained (s_control);
	}
	s_check_answer (fd);
	close (fd);
	control_serve (s_control);
}

static void
s_print (const uint8_t *data, size_t size)
{
	json_t *json = json_loadb ((const char *) data, size, JSON_REJECT_DUPLICATES, NULL);
	char *text = NULL;
	size_t text_size = 0;
	FILE *out = json ? open_memstream (&text, &text_size) : NULL;

	if (out) {
		control_print (out, json);
		fclose (out);
	}
	free (text);
	json_decref (json);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
	static unsigned inputs;

	if (inputs++ % INPUTS_PER_HUB == 0 || control_wants_end (s_control))
		s_begin ();
	s_talk (data, size);
	hub_settle (s_hub);
	if (size > 0)
		s_print (data + 1, size - 1);
	return 0;
}
