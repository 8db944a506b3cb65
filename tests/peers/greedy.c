/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An enrolled peer that takes all it can get, in well-formed messages.
 *
 *	greedy ROSTER IDENTITY SCENARIO COUNT [NUMBER]
 *
 * Each in COUNT sessions until standard input ends:
 *
 *	knock           connections that stop after KNOCK
 *	unread NUMBER   subscribe to everything and ask for that story over and over, and never read
 *	scan            every subscription they may have, from the beginning, with a filter that takes nothing, again and
 *	                again
 *	stories NUMBER  ask for that story as fast as the hub reads
 *	proofs NUMBER   the same with inclusion proofs …
 *	leaves NUMBER   … and with leaf hashes from there on
 *	rosters         … and with rosters
 *	status          … and with heartbeats
 */
#include "greedy.h"

static struct greedy s_greedy;

static void
s_knock (struct scene *scene)
{
	size_t count = scene_number (scene, 0), answered = 0;
	struct raw *raws = scene_open (scene, count, false);

	for (size_t i = 0; i < count; i++) {
		greedy_message (&s_greedy, SIAGA_KNOCK)->knock = (struct siaga_knock){1, 1};
		answered += raws[i].fd >= 0 && raw_say (&raws[i], &s_greedy.message) == 0 &&
			    raw_hear (&raws[i], scene->peer) == 0;
	}
	scene_stay ("knock", answered);
	free (raws);
}

static void
s_open_all (struct scene *scene, const char *name, bool blocks)
{
	greedy_open (&s_greedy, scene, scene_number (scene, 0), false);
	for (size_t i = 0; !blocks && i < s_greedy.count; i++)
		fcntl (s_greedy.sessions[i].raw.fd, F_SETFL, O_NONBLOCK);
	scene_tell (name, s_greedy.count);
}

static void
s_unread (struct scene *scene)
{
	uint64_t number = scene_number (scene, 1);
	size_t over = 0;

	s_open_all (scene, "unread", false);
	while (!scene_is_over (20))
		for (size_t i = 0; i < s_greedy.count; i++) {
			struct session *session = &s_greedy.sessions[i];
			for (uint64_t id = 1; id <= SIAGA_SUBSCRIPTIONS_MAX; id++)
				greedy_subscribe (&s_greedy, session, id, NULL);
			greedy_ask (&s_greedy, session, SIAGA_QUERY_STORY, number);
		}
	for (size_t i = 0; i < s_greedy.count; i++)
		over += s_greedy.sessions[i].is_over;
	scene_tell ("cut", over);
}

/* Reads what has come; a subscription that has seen it all begins again. */
static void
s_scan_one (struct session *session)
{
	const struct siaga_message *in = &s_greedy.peer->in;

	while (!session->is_over && scene_has_news (&session->raw, 0)) {
		session->is_over = raw_hear (&session->raw, s_greedy.peer) != 0;
		if (!session->is_over && in->type == SIAGA_DELIVER)
			greedy_subscribe (&s_greedy, session, in->deliver.id, "kominfo");
	}
}

static void
s_scan (struct scene *scene)
{
	s_open_all (scene, "scan", true);
	for (size_t i = 0; i < s_greedy.count; i++)
		for (uint64_t id = 1; id <= SIAGA_SUBSCRIPTIONS_MAX; id++)
			greedy_subscribe (&s_greedy, &s_greedy.sessions[i], id, "kominfo");
	while (!scene_is_over (1))
		for (size_t i = 0; i < s_greedy.count; i++)
			s_scan_one (&s_greedy.sessions[i]);
}

/* Says it as often as the hub takes it, up to 32 times, and reads away what comes back. */
static void
s_pump_one (struct session *session, void (*say) (struct session *))
{
	static uint8_t rest[1 << 16];
	struct pollfd both = {.fd = session->raw.fd, .events = POLLIN | POLLOUT};

	if (session->is_over || poll (&both, 1, 0) <= 0)
		return;
	while ((both.revents & POLLIN) != 0 && recv (session->raw.fd, rest, sizeof rest, 0) > 0)
		continue;
	for (int k = 0; k < 32 && (both.revents & POLLOUT) != 0 && !session->is_over; k++)
		say (session);
}

static void
s_pump (struct scene *scene, const char *name, void (*say) (struct session *))
{
	s_open_all (scene, name, false);
	while (!scene_is_over (0))
		for (size_t i = 0; i < s_greedy.count; i++)
			s_pump_one (&s_greedy.sessions[i], say);
}

static void
s_say_story (struct session *session)
{
	greedy_ask (&s_greedy, session, SIAGA_QUERY_STORY, scene_number (s_greedy.scene, 1));
}

static void
s_say_proof (struct session *session)
{
	greedy_ask (&s_greedy, session, SIAGA_QUERY_PROOF, scene_number (s_greedy.scene, 1));
}

static void
s_say_leaves (struct session *session)
{
	greedy_ask (&s_greedy, session, SIAGA_QUERY_LEAVES, scene_number (s_greedy.scene, 1));
}

static void
s_say_roster (struct session *session)
{
	struct siaga_query *query = &greedy_message (&s_greedy, SIAGA_QUERY)->query;

	query->id = 1;
	query->what = SIAGA_QUERY_ROSTER;
	greedy_say (&s_greedy, session);
}

static void
s_say_status (struct session *session)
{
	greedy_message (&s_greedy, SIAGA_STATUS)->status.now_us = 1;
	greedy_say (&s_greedy, session);
}

static void
s_stories (struct scene *scene)
{
	s_pump (scene, "stories", s_say_story);
}

static void
s_proofs (struct scene *scene)
{
	s_pump (scene, "proofs", s_say_proof);
}

static void
s_leaves (struct scene *scene)
{
	s_pump (scene, "leaves", s_say_leaves);
}

static void
s_rosters (struct scene *scene)
{
	s_pump (scene, "rosters", s_say_roster);
}

static void
s_status (struct scene *scene)
{
	s_pump (scene, "status", s_say_status);
}

static const struct scene_entry s_scenes[] = {
	{"knock", s_knock},	{"unread", s_unread}, {"scan", s_scan},
	{"stories", s_stories}, {"proofs", s_proofs}, {"leaves", s_leaves},
	{"rosters", s_rosters}, {"status", s_status}, {NULL, NULL},
};

int
main (int argc, char **argv)
{
	return scene_main (argc, argv, s_scenes);
}
