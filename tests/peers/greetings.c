/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Greetings: with rosters from the past, in others' names, twice, at the wrong time; and what only a hub says. See liar.h.
 *
 *	greetings ROSTER IDENTITY hello COUNT
 *	greetings ROSTER IDENTITY stay COUNT    keeps one of them until standard input ends
 */
#include "liar.h"

/* KNOCK and its answer, and a HELLO to be changed. */
static struct siaga_hello
s_knock (struct liar *self)
{
	liar_message (self, SIAGA_KNOCK)->knock = (struct siaga_knock){1, 1};
	liar_say (self);
	if (raw_hear (self->raw, self->peer) == 0 && self->peer->in.type == SIAGA_CHALLENGE)
		memcpy (self->peer->hub_nonce, self->peer->in.challenge.nonce, SIAGA_NONCE_BYTES);
	return peer_hello_make (self->peer);
}

static void
s_hello (struct liar *self, const struct siaga_hello *hello)
{
	struct siaga_writer *writer = liar_writer (self);

	if (siaga_hello_write (writer, hello, self->peer->identity->sign_secret))
		peer_die ("write", "hello");
	liar_send (self, writer->size);
}

static void
s_serial_past (struct liar *self)
{
	struct siaga_hello hello = s_knock (self);

	hello.roster_serial = 0;
	s_hello (self, &hello);
}

static void
s_serial_future (struct liar *self)
{
	struct siaga_hello hello = s_knock (self);

	hello.roster_serial = SIAGA_OSEQ_MAX;
	hello.last_oseq = SIAGA_OSEQ_MAX;
	s_hello (self, &hello);
}

static void
s_hello_escapes (struct liar *self)
{
	struct siaga_hello hello = s_knock (self);

	hello.software = siaga_text ("\x1b]0;owned\x07\x1b[2J\xe2\x80\xae"
				     "gnp.exe\n#1 CRITICAL");
	s_hello (self, &hello);
}

static void
s_hello_somebody (struct liar *self)
{
	struct siaga_hello hello = s_knock (self);

	hello.principal = siaga_text ("kpu/hub");
	s_hello (self, &hello);
}

static void
s_hello_twice (struct liar *self)
{
	struct siaga_hello hello = s_knock (self);

	s_hello (self, &hello);
	s_hello (self, &hello);
}

static void
s_knock_twice (struct liar *self)
{
	s_knock (self);
	liar_say (self);
}

static void
s_knock_open (struct liar *self)
{
	liar_message (self, SIAGA_KNOCK)->knock = (struct siaga_knock){1, 1};
	liar_say (self);
}

static void
s_knock_old (struct liar *self)
{
	liar_message (self, SIAGA_KNOCK)->knock =
		(struct siaga_knock){SIAGA_OSEQ_MAX, SIAGA_OSEQ_MAX};
	liar_say (self);
}

static void
s_publish_first (struct liar *self)
{
	liar_message (self, SIAGA_PUBLISH)->publish.batch = (struct siaga_bytes){self->bytes, 100};
	liar_say (self);
}

static void
s_roster_old (struct liar *self)
{
	liar_message (self, SIAGA_ROSTER)->roster.serial = 1;
	liar_say (self);
}

static void
s_checkpoint_own (struct liar *self)
{
	liar_message (self, SIAGA_CHECKPOINT)->checkpoint.note = siaga_text ("siaga/x\n0\n\n");
	liar_say (self);
}

static const struct trick s_hello_tricks[] = {
	{"roster-from-the-past", LIAR_READY, s_serial_past, 0},
	{"roster-from-the-future", LIAR_READY, s_serial_future, 0},
	{"software-with-escapes", LIAR_READY, s_hello_escapes, 0},
	{"as-the-hub", LIAR_READY, s_hello_somebody, 0},
	{"hello-twice", LIAR_READY, s_hello_twice, 0},
	{"knock-twice", LIAR_READY, s_knock_twice, 0},
	{"knock-in-a-session", LIAR_OPEN, s_knock_open, 0},
	{"knock-of-no-version", LIAR_READY, s_knock_old, 0},
	{"publish-first", LIAR_READY, s_publish_first, 0},
	{"roster-to-the-hub", LIAR_OPEN, s_roster_old, 0},
	{"checkpoint-to-the-hub", LIAR_OPEN, s_checkpoint_own, 0},
	{NULL, LIAR_OPEN, NULL, 0},
};

static void
s_greetings (struct scene *scene)
{
	liar_run (scene, s_hello_tricks);
}

/* A session of software with escapes that stays. */
static void
s_stay (struct scene *scene)
{
	struct liar *self = scene_new (1, sizeof *self);
	struct raw *raw = scene_open (scene, 1, false);

	self->peer = scene->peer;
	self->raw = raw;
	s_hello_escapes (self);
	scene_stay ("stay", raw_hear (raw, scene->peer) == 0);
	free (raw);
	free (self);
}

static const struct scene_entry s_scenes[] = {
	{"stay", s_stay},
	{"hello", s_greetings},
	{NULL, NULL},
};

int
main (int argc, char **argv)
{
	return scene_main (argc, argv, s_scenes);
}
