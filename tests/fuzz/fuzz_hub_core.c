/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as what the core hears from a peer. The first byte says in which state the peer is (0 new,
 * 1 challenged, 2 open), or (3) that what follows are the entries of a batch, which is signed and published
 * with two subscribers listening. Then frames or entries: two bytes of size, little endian, and that many bytes.
 */
#include <stdlib.h>

#define HUB_FIXTURE_ALONE
#include "../unit/hub_fixture.h"
#include "fixed_random.h"

#define INPUTS_PER_HUB 256 /* then a new one: its log would grow without end */

enum mode {
	MODE_ENTRIES = SESSION_STATES,
	MODES,
};

static struct hub *s_hub;
static struct hub_lane s_lane;

static void
begin (void)
{
	if (s_hub)
		hub_destroy (&s_hub);
	fixed_random (0);
	s_hub = hub_new ();
	hub_lane_open (s_hub, &s_lane, 1, "bssn/soc-1");
	hub_open (s_hub, 2, "polri/dewi", NULL);
	hub_open (s_hub, 3, "brin/rina", NULL);
}

static void
drain (void)
{
	hub_wait_jobs (s_hub);
	do
		while (!packet_queue_is_empty (core_out (s_hub->core)))
			packet_queue_drop_first (core_out (s_hub->core));
	while (core_work (s_hub->core) || !packet_queue_is_empty (core_out (s_hub->core)));
	if (core_status (s_hub->core) != 0)
		abort ();
}

/* The next frame; false at the end. */
static bool
next_frame (const uint8_t **data, size_t *size, struct siaga_bytes *frame)
{
	if (*size < 2)
		return false;
	size_t length = (size_t) (*data)[0] | (size_t) (*data)[1] << 8;
	*data += 2;
	*size -= 2;
	if (length > *size)
		length = *size;
	*frame = (struct siaga_bytes){*data, length};
	*data += length;
	*size -= length;
	return true;
}

static void
hear_frames (enum mode mode, const uint8_t *data, size_t size)
{
	struct siaga_bytes frame;

	if (mode == (enum mode) SESSION_OPEN)
		hub_open (s_hub, 9, "bssn/soc-1", s_lane.epoch);
	else if (mode == (enum mode) SESSION_CHALLENGED)
		hub_knock (s_hub, 9, "bssn/soc-1");
	else
		hub_gate_says (s_hub, PACKET_OPEN, 9,
			       fixture_identity ("bssn/soc-1")->card.transport, NO_BYTES);
	while (next_frame (&data, &size, &frame)) {
		if (core_wants_packets (s_hub->core))
			hub_gate_says (s_hub, PACKET_MESSAGE, 9, NULL, frame);
		drain ();
	}
	hub_gate_says (s_hub, PACKET_GONE, 9, NULL, NO_BYTES);
}

static void
hear_entries (const uint8_t *data, size_t size)
{
	struct siaga_message *message;

	hub_lane_open (s_hub, &s_lane, 1, "bssn/soc-1");
	for (uint64_t conn = 2; conn <= 3; conn++)
		hub_subscribe (s_hub, conn, NULL, s_hub->core->head, SIAGA_CREDIT_MAX);
	while (s_lane.count < HUB_ENTRIES_MAX &&
	       next_frame (&data, &size, &s_lane.entries[s_lane.count]))
		if (s_lane.entries[s_lane.count].size > 0 &&
		    s_lane.entries[s_lane.count].size <= 900)
			s_lane.count++;
	if (s_lane.count == 0)
		return;
	message = hub_message (SIAGA_PUBLISH);
	message->publish.batch = hub_batch (&s_lane, 1);
	hub_says (s_hub, 1, message);
	drain ();
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
	static unsigned inputs;

	if (inputs++ % INPUTS_PER_HUB == 0)
		begin ();
	if (size == 0)
		return 0;
	enum mode mode = data[0] % MODES;
	if (mode == MODE_ENTRIES)
		hear_entries (data + 1, size - 1);
	else
		hear_frames (mode, data + 1, size - 1);
	drain ();
	return 0;
}
