/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Connections that come, speak and break off as fast as they can: descriptors and routing ids are used again and
 * again, and whatever comes must be meant for the connection it comes to.
 *
 *	churn ROSTER IDENTITY churn COUNT TURNS
 *
 * COUNT connections, TURNS times one of them opened, used or broken off, at random. Prints how many sessions there were.
 */
#include "greedy.h"

static struct greedy s_greedy;

/* Is what came meant for this session? Its subscriptions carry its epoch as their number. */
static void
s_check_mail (const struct session *session)
{
	const struct peer *peer = s_greedy.peer;
	const struct siaga_message *in = &peer->in;
	uint64_t id;

	memcpy (&id, session->epoch, sizeof id);
	if (in->type == SIAGA_WELCOME &&
	    memcmp (in->welcome.nonce, peer->nonce, SIAGA_NONCE_BYTES) != 0)
		peer_die ("churn", "a WELCOME for somebody else");
	if (in->type == SIAGA_DELIVER && in->deliver.id != id)
		peer_die ("churn", "a DELIVER for somebody else");
	if (in->type == SIAGA_ACK && memcmp (in->ack.epoch, session->epoch, SIAGA_EPOCH_BYTES) != 0)
		peer_die ("churn", "an ACK for somebody else");
}

static void
s_read_mail (struct session *session)
{
	while (!session->is_over && scene_has_news (&session->raw, 0)) {
		session->is_over = raw_hear (&session->raw, s_greedy.peer) != 0;
		if (!session->is_over)
			s_check_mail (session);
	}
}

static void
s_break_off (struct session *session)
{
	struct linger at_once = {(int) randombytes_uniform (2), 0};

	if (session->raw.fd >= 0)
		setsockopt (session->raw.fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
	raw_close (&session->raw);
	session->is_over = true;
}

/* Opens it, or only half: then it is broken off the next time. */
static bool
s_begin (struct session *session)
{
	struct peer *peer = s_greedy.peer;
	uint8_t metadata[RAW_METADATA_MAX];
	size_t size = raw_metadata (metadata);

	randombytes_buf (session->epoch, sizeof session->epoch);
	session->oseq = 0;
	session->is_over = raw_open (&session->raw, peer, metadata, size) != 0;
	if (session->is_over || randombytes_uniform (4) == 0)
		return false;
	session->is_over = raw_enter (&session->raw, peer, peer->identity->card.principal,
				      session->epoch) != 0;
	if (!session->is_over)
		s_check_mail (session);
	return !session->is_over;
}

static void
s_publish (struct session *session)
{
	static uint8_t room[SIAGA_ENTRY_MAX], batch[SIAGA_BATCH_MAX];
	struct siaga_header header = peer_header (s_greedy.peer);
	struct siaga_bytes entry = peer_entry (&header, "churn", room);

	memcpy (s_greedy.peer->epoch, session->epoch, sizeof session->epoch);
	greedy_message (&s_greedy, SIAGA_PUBLISH)->publish.batch =
		peer_batch (s_greedy.peer, ++session->oseq, &entry, 1, NULL, batch);
	greedy_say (&s_greedy, session);
}

static void
s_use (struct session *session)
{
	uint64_t id;

	memcpy (&id, session->epoch, sizeof id);
	if (randombytes_uniform (2))
		greedy_subscribe (&s_greedy, session, id, NULL);
	if (randombytes_uniform (2))
		s_publish (session);
	s_read_mail (session);
	if (randombytes_uniform (2))
		s_break_off (session);
}

static void
s_churn (struct scene *scene)
{
	size_t turns = scene_number (scene, 1), opened = 0;
	uint32_t count = (uint32_t) scene_number (scene, 0);

	s_greedy.peer = scene->peer;
	s_greedy.sessions = scene_new (count, sizeof *s_greedy.sessions);
	for (size_t i = 0; i < count; i++) {
		s_greedy.sessions[i].raw.fd = -1;
		s_greedy.sessions[i].is_over = true;
	}
	for (; turns > 0; turns--) {
		struct session *session = &s_greedy.sessions[randombytes_uniform (count)];
		if (!session->is_over) {
			s_use (session);
			continue;
		}
		s_break_off (session);
		opened += s_begin (session);
	}
	scene_tell ("churn", opened);
}

static const struct scene_entry s_scenes[] = {
	{"churn", s_churn},
	{NULL, NULL},
};

int
main (int argc, char **argv)
{
	return scene_main (argc, argv, s_scenes);
}
