/* SPDX-License-Identifier: Apache-2.0 */
/*
 * DELIVER: the log as one reader may see it. Live delivery and replay are the same steps from a cursor; need
 * to know is asked for every entry in the one place where something of a batch is chosen,
 * deliver_record (). What a reader may see whole goes out as it came in; of the rest, the smaller of the full
 * form with leaf hashes in the places of what is not shown, and single forms.
 */
#include <sysexits.h>

#include "common/clock.h"
#include "common/log.h"
#include "hub/core_private.h"
#include "siaga/error.h"
#include "siaga/merkle.h"

/* What a DELIVER adds to its items: numbers of 9 bytes and a mark, with room to spare. */
#define DELIVER_OVERHEAD 128
#define ITEMS_MAX (SIAGA_MESSAGE_MAX - DELIVER_OVERHEAD)

/* --- one batch ------------------------------------------------------------------------------------------ */

static void
s_delivery (struct siaga_writer *writer, const struct record *record, struct siaga_bytes batch)
{
	struct siaga_delivery item = {
		.number = record->number, .accepted_us = record->accepted_us, .batch = batch};

	siaga_delivery_write (writer, &item);
}

int
deliver_entry (struct core *self, struct siaga_writer *writer, const struct record *record,
	       uint32_t index)
{
	struct siaga_writer form;

	if (record->count == 1) {
		s_delivery (writer, record, record->bytes);
		return writer->error;
	}
	siaga_writer_init (&form, self->forms[1], sizeof self->forms[1]);
	int error = siaga_batch_write_single (&form, record->batch, index);
	if (error)
		return error;
	s_delivery (writer, record, (struct siaga_bytes){form.data, form.size});
	return writer->error;
}

/* Marks in self->shown what is shown; returns how many. */
static uint32_t
s_choose (struct core *self, const struct record *record, const struct siaga_member *member,
	  const struct siaga_filter *filter, uint64_t from)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < record->count; i++) {
		const struct siaga_header *header = &record->headers[i];
		self->shown[i] =
			record->number + i >= from && siaga_may_see (member, header) &&
			(!filter || siaga_filter_matches (filter, header, record->accepted_us));
		count += self->shown[i];
	}
	return count;
}

/* What single forms of what is shown take at least, besides the entries: their paths cost a tree each, so they
   are only made where they can win. */
static size_t
s_singles_overhead (const struct core *self, const struct record *record)
{
	size_t bytes = 0;

	for (uint32_t i = 0; i < record->count; i++)
		if (self->shown[i])
			bytes += record->batch->head_bytes.size + SIAGA_SIGNATURE_BYTES +
				 siaga_merkle_path_length (i, record->count) *
					 (SIAGA_HASH_BYTES + 2);
	return bytes;
}

static size_t
s_full_overhead (const struct record *record, uint32_t shown)
{
	return record->batch->head_bytes.size + SIAGA_SIGNATURE_BYTES + SIAGA_DELIVERY_OVERHEAD +
	       16 + (record->count - shown) * (size_t) (SIAGA_HASH_BYTES + 3);
}

/* Single forms of what is shown, when all fit: their number, or 0. */
static int
s_write_singles (struct core *self, struct siaga_writer *writer, const struct record *record)
{
	int count = 0;

	for (uint32_t i = 0; i < record->count; i++) {
		if (!self->shown[i])
			continue;
		if (deliver_entry (self, writer, record, i) != 0)
			return 0;
		count++;
	}
	return count;
}

static int
s_write_smaller (struct core *self, struct siaga_writer *writer, const struct record *record,
		 uint32_t shown)
{
	struct siaga_writer full;
	struct siaga_writer singles;

	siaga_writer_init (&full, self->forms[0], sizeof self->forms[0]);
	int error = siaga_batch_write_full (&full, record->batch, self->shown);
	if (error)
		return error;
	size_t start = writer->size;
	size_t room = writer->capacity - start;
	size_t limit = full.size + SIAGA_DELIVERY_OVERHEAD;
	siaga_writer_init (&singles, writer->data + start, limit < room ? limit : room);
	int count = 0;
	if (s_singles_overhead (self, record) < s_full_overhead (record, shown))
		count = s_write_singles (self, &singles, record);
	if (count > 0) {
		writer->size += singles.size;
		return count;
	}
	s_delivery (writer, record, (struct siaga_bytes){full.data, full.size});
	return writer->error ? writer->error : 1;
}

int
deliver_record (struct core *self, struct siaga_writer *writer, const struct record *record,
		const struct siaga_member *member, const struct siaga_filter *filter, uint64_t from)
{
	size_t start = writer->size;
	uint32_t shown = s_choose (self, record, member, filter, from);
	int count = 1;

	if (shown == 0)
		return 0;
	if (shown == record->count)
		s_delivery (writer, record, record->bytes);
	else
		count = s_write_smaller (self, writer, record, shown);
	if (writer->error) {
		count = writer->error;
		writer->error = 0;
	}
	if (count < 0)
		writer->size = start;
	return count;
}

/* --- one DELIVER ---------------------------------------------------------------------------------------- */

/* A DELIVER being made. */
struct parcel {
	struct siaga_writer items; /* without the array's head */
	size_t count;
	unsigned work;	    /* in entries */
	bool is_impossible; /* a batch that no message holds: there is no going on */
};

/* Puts what matters of one batch in: false when there is no more to look at, or no room. */
static bool
s_pack_record (struct core *self, struct subscription *subscription, struct parcel *parcel)
{
	const struct record *record;

	if (subscription->next >= self->head)
		return false;
	int error = record_cache_get (self->cache, subscription->next, &record);
	if (error) {
		core_fail (self, EX_IOERR, "journal-read", siaga_strerror (error));
		return false;
	}
	parcel->work += HUB_WORK_OF_RECORD + record->count;
	int count = deliver_record (self, &parcel->items, record,
				    subscription->session->principal->member, &subscription->filter,
				    subscription->from);
	if (count < 0) {
		/* There is room in the next one. Where this one is empty, there never is: cannot be, any batch fits. */
		parcel->is_impossible = parcel->count == 0;
		return false;
	}
	parcel->count += (size_t) count;
	subscription->next = record->number + record->count;
	subscription->has_mark = true;
	memcpy (subscription->mark, record->mark, sizeof subscription->mark);
	return true;
}

/* A reader hears how far it may move also when nothing was for it: when it first reaches the head, after many
   numbers, and now and then. */
static bool
s_is_worth_telling (struct core *self, const struct subscription *subscription)
{
	uint64_t moved = subscription->next - subscription->told;

	if (subscription->next >= self->head && !subscription->is_live)
		return true;
	return moved > HUB_QUIET_NUMBERS ||
	       (moved > 0 && subscription->next >= self->head &&
		clock_mono_ms () - subscription->told_ms >= HUB_QUIET_MS);
}

/* The mark of a reader that has looked at nothing yet is the one it came with, or the log's. */
static bool
s_find_mark (struct core *self, struct subscription *subscription)
{
	if (subscription->next == 0 || subscription->has_mark)
		return true;
	int error = self->journal->ops->leaf (self->journal, subscription->next - 1,
					      subscription->mark);
	subscription->has_mark = error == 0;
	if (error)
		core_fail (self, EX_IOERR, "journal-read", siaga_strerror (error));
	return error == 0;
}

static size_t
s_write_deliver (struct core *self, struct subscription *subscription, const struct parcel *parcel)
{
	struct siaga_message *message = core_reply (self, SIAGA_DELIVER);
	struct siaga_deliver *deliver = &message->deliver;
	uint8_t head[9];
	struct siaga_writer writer;

	/* The array's head right before the items, now that their number is known. */
	siaga_writer_init (&writer, head, sizeof head);
	siaga_writer_array (&writer, parcel->count);
	memcpy (self->items + sizeof head - writer.size, head, writer.size);
	deliver->items.data = self->items + sizeof head - writer.size;
	deliver->items.size = writer.size + parcel->items.size;

	deliver->id = subscription->id;
	deliver->through = subscription->next;
	deliver->has_mark = subscription->next > 0;
	memcpy (deliver->mark, subscription->mark, sizeof deliver->mark);
	siaga_writer_init (&writer, self->frame, sizeof self->frame);
	if (siaga_message_write (&writer, message) != 0) {
		core_fail (self, EX_SOFTWARE, "deliver-too-large", "a DELIVER does not fit");
		return 0;
	}
	core_send (self, subscription->session, PACKET_BULK,
		   (struct siaga_bytes){writer.data, writer.size});
	return writer.size;
}

static void
s_send_parcel (struct core *self, struct subscription *subscription, const struct parcel *parcel)
{
	if (!s_find_mark (self, subscription))
		return;
	size_t size = s_write_deliver (self, subscription, parcel);
	subscription->credit -=
		(int64_t) (size > SIAGA_DELIVER_COST_MIN ? size : SIAGA_DELIVER_COST_MIN);
	subscription->told = subscription->next;
	subscription->told_ms = clock_mono_ms ();
	subscription->is_live = subscription->is_live || subscription->next >= self->head;
}

/* To pass over it would be to lose entries without a word. */
static void
s_give_up (struct core *self, struct session *session, uint64_t number)
{
	log_error ("deliver-too-large", "the batch at %llu does not fit a message: %s is cut",
		   (unsigned long long) number, session_name (session));
	core_refuse_and_cut (self, &session, SIAGA_SUBSCRIBE, SIAGA_EINTERNAL,
			     "a batch of the log cannot be delivered");
}

unsigned
deliver_step (struct core *self, struct subscription *subscription)
{
	struct parcel parcel = {.count = 0};
	size_t head_room = 9;

	if (subscription->credit <= 0)
		return 1;
	siaga_writer_init (&parcel.items, self->items + head_room, ITEMS_MAX - head_room);
	while (parcel.work < HUB_WORK_PER_STEP && s_pack_record (self, subscription, &parcel))
		continue;
	if (parcel.is_impossible) {
		s_give_up (self, subscription->session, subscription->next);
		return parcel.work + 1;
	}
	if (self->status == 0 && (parcel.count > 0 || s_is_worth_telling (self, subscription)))
		s_send_parcel (self, subscription, &parcel);
	subscription_wake (self, subscription);
	return parcel.work + 1;
}
