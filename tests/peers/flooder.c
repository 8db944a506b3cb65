/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An enrolled publisher that publishes as much as it can.
 *
 *	flooder ROSTER IDENTITY SCENARIO NUMBER…
 *
 *	fill BATCHES ENTRIES REFS   batches of so many small entries, each with REFS refs to entries of earlier
 *	                            batches (0: none), in a window of 16
 *	flood COUNT ENTRIES REFS    the same in COUNT sessions at once, until standard input ends
 *	window COUNT                COUNT batches without waiting for an answer
 */
#include "greedy.h"
#include "siaga/merkle.h"

#define TARGETS_MAX 4096

struct flooder {
	struct greedy greedy;
	struct siaga_ref targets[TARGETS_MAX];
	size_t target_count;
	size_t acked, refused, later;
	int refusal;	 /* the last one */
	bool until_told; /* it ends with standard input */
	uint8_t batch[SIAGA_BATCH_MAX];
};

static void
s_make_header (struct flooder *self, struct siaga_header *header, size_t refs)
{
	*header = peer_header (self->greedy.peer);
	header->category = siaga_text ("test/test");
	header->tlp = SIAGA_TLP_CLEAR;
	header->severity = SIAGA_SEVERITY_INFO;
	if (refs > 0 && self->target_count > 0)
		header->kind = SIAGA_KIND_UPDATE;
	for (size_t i = 0; i < refs && self->target_count > 0; i++)
		header->refs[header->ref_count++] =
			self->targets[randombytes_uniform ((uint32_t) self->target_count)];
}

static void
s_remember (struct flooder *self, const struct siaga_header *header, struct siaga_bytes entry)
{
	size_t place = self->target_count < TARGETS_MAX ? self->target_count++
							: randombytes_uniform (TARGETS_MAX);

	memcpy (self->targets[place].id, header->id, SIAGA_ID_BYTES);
	siaga_merkle_leaf (self->targets[place].leaf, entry.data, entry.size);
}

/* A batch of up to `count` entries, as many as fit; sent at once. */
static void
s_publish (struct flooder *self, struct session *session, size_t count, size_t refs)
{
	static uint8_t room[SIAGA_BATCH_ENTRIES_MAX][1024];
	static struct siaga_bytes entries[SIAGA_BATCH_ENTRIES_MAX];
	struct peer *peer = self->greedy.peer;
	size_t bytes = 256, made = 0;

	while (made < count) {
		struct siaga_header header;
		s_make_header (self, &header, refs);
		entries[made] = peer_entry (&header, "x", room[made]);
		if (bytes + entries[made].size + 3 > SIAGA_BATCH_MAX)
			break;
		bytes += entries[made].size + 3;
		if (made++ == 0 && refs == 0)
			s_remember (self, &header, entries[0]);
	}
	memcpy (peer->epoch, session->epoch, sizeof session->epoch);
	greedy_message (&self->greedy, SIAGA_PUBLISH)->publish.batch =
		peer_batch (peer, session->oseq + 1, entries, made, NULL, self->batch);
	greedy_say (&self->greedy, session);
	session->oseq += made;
	session->in_flight++;
}

/* Why: of a batch with bad entries, the first one's code. */
static int
s_refusal (const struct siaga_message *in)
{
	if (in->type != SIAGA_REFUSED)
		return SIAGA_EGRAMMAR;
	return in->refused.bad_count > 0 ? in->refused.bad[0].code : in->refused.code;
}

/* Takes one answer. What was refused for now is made again at once, whatever the hub said about when. */
static void
s_take_answer (struct flooder *self, struct session *session)
{
	const struct siaga_message *in = &self->greedy.peer->in;

	session->is_over |= raw_hear (&session->raw, self->greedy.peer) != 0;
	if (session->is_over)
		return;
	session->in_flight--;
	if (in->type == SIAGA_ACK) {
		self->acked++;
		session->done++;
		session->acked = in->ack.oseq;
	} else {
		bool is_later = in->type == SIAGA_REFUSED && in->refused.retry_ms > 0;
		self->refused++;
		self->later += is_later;
		self->refusal = s_refusal (in);
		session->is_over = !is_later && !session->rewinds;
		session->rewinds = true;
	}
	if (session->in_flight == 0 && session->rewinds) {
		session->oseq = session->acked;
		session->rewinds = false;
	}
}

/* Fills the window, and takes answers as they come, or where nothing else can be done; is there more to do? */
static bool
s_turn (struct flooder *self, struct session *session, uint64_t batches, size_t entries,
	size_t refs)
{
	while (!session->is_over && !session->rewinds && session->in_flight < SIAGA_WINDOW_MAX &&
	       session->done + session->in_flight < batches)
		s_publish (self, session, entries, refs);
	while (!session->is_over && session->in_flight > 0 &&
	       (session->in_flight == SIAGA_WINDOW_MAX || session->rewinds ||
		scene_has_news (&session->raw, 0) || session->done + session->in_flight == batches))
		s_take_answer (self, session);
	return !session->is_over && session->done < batches;
}

static void
s_publish_all (struct flooder *self, uint64_t batches, size_t entries, size_t refs)
{
	bool busy = true, is_told = false;

	while (busy && !is_told) {
		busy = false;
		for (size_t i = 0; i < self->greedy.count && !is_told; i++) {
			busy |= s_turn (self, &self->greedy.sessions[i], batches, entries, refs);
			is_told = self->until_told && scene_is_over (0);
		}
	}
}

static void
s_report (const struct flooder *self, const char *what)
{
	printf ("%s acked %zu, refused %zu (%s), later %zu\n", what, self->acked, self->refused,
		siaga_error_id (self->refusal), self->later);
	fflush (stdout);
}

static struct flooder s_flooder;

static void
s_fill (struct scene *scene)
{
	uint64_t batches = scene_number (scene, 0);
	size_t entries = scene_number (scene, 1), refs = scene_number (scene, 2);

	greedy_open (&s_flooder.greedy, scene, 1, true);
	if (refs > 0)
		s_publish_all (&s_flooder, 64, entries, 0);
	batches += s_flooder.greedy.count ? s_flooder.greedy.sessions[0].done : 0;
	s_publish_all (&s_flooder, batches, entries, refs);
	s_report (&s_flooder, "fill");
}

static void
s_flood (struct scene *scene)
{
	size_t entries = scene_number (scene, 1), refs = scene_number (scene, 2);

	greedy_open (&s_flooder.greedy, scene, scene_number (scene, 0), true);
	if (refs > 0)
		s_publish_all (&s_flooder, 4, entries, 0);
	scene_tell ("flood", s_flooder.greedy.count);
	s_flooder.until_told = true;
	s_publish_all (&s_flooder, UINT64_MAX, entries, refs);
	s_report (&s_flooder, "flood");
}

static void
s_window (struct scene *scene)
{
	uint64_t count = scene_number (scene, 0);

	greedy_open (&s_flooder.greedy, scene, 1, true);
	struct session *session = s_flooder.greedy.sessions;
	for (uint64_t i = 0; i < count && !session->is_over; i++)
		s_publish (&s_flooder, session, 1, 0);
	session->is_over = false; /* it may not take more, but it has said why */
	while (!session->is_over && session->in_flight > 0)
		s_take_answer (&s_flooder, session);
	s_report (&s_flooder, "window");
}

static const struct scene_entry s_scenes[] = {
	{"fill", s_fill},
	{"flood", s_flood},
	{"window", s_window},
	{NULL, NULL},
};

int
main (int argc, char **argv)
{
	return scene_main (argc, argv, s_scenes);
}
