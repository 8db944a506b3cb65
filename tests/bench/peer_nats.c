/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A peer of the storm: NATS JetStream with file storage, by its own C client over TLS. The publisher publishes
 * asynchronously and waits in the end for every acknowledgement, which the server gives before its fsync (it syncs
 * every two minutes); a reader is an ordered consumer, which acknowledges nothing and begins with the first message.
 *
 *	peer_nats pub|sub PORT CA-FILE …
 */
#include <semaphore.h>
#include <string.h>
#include <unistd.h>

#include <nats/nats.h>

#include "peer_load.h"

#define STREAM "ALERTS"
#define SUBJECT "alerts"
#define WINDOW 4096 /* messages published and not acknowledged */
#define PATIENCE_MS 60000

struct reader {
	struct peer_load *load;
	sem_t done;
};

static void
s_check (const char *what, natsStatus status)
{
	if (status != NATS_OK)
		peer_load_fail (what, natsStatus_GetText (status));
}

static natsConnection *
s_connect (const struct peer_load *load)
{
	char url[64];
	natsOptions *options = NULL;
	natsConnection *connection = NULL;

	snprintf (url, sizeof url, "tls://localhost:%s", load->where);
	s_check ("options", natsOptions_Create (&options));
	s_check ("url", natsOptions_SetURL (options, url));
	s_check ("tls", natsOptions_SetSecure (options, true));
	s_check ("ca", natsOptions_LoadCATrustedCertificates (options, load->trust));
	s_check ("name", natsOptions_SetExpectedHostname (options, "localhost"));
	s_check ("connect", natsConnection_Connect (&connection, options));
	natsOptions_Destroy (options);
	return connection;
}

static void
s_on_error (jsCtx *js, jsPubAckErr *error, void *arg)
{
	(void) js;
	(void) arg;
	peer_load_fail ("publish", error->ErrText);
}

/* The stream, which is made by whoever comes first. */
static jsCtx *
s_stream (natsConnection *connection)
{
	const char *subjects[] = {SUBJECT};
	jsCtx *js = NULL;
	jsOptions options;
	jsStreamConfig stream;

	jsOptions_Init (&options);
	options.PublishAsync.MaxPending = WINDOW;
	options.PublishAsync.StallWait = PATIENCE_MS;
	options.PublishAsync.ErrHandler = s_on_error;
	s_check ("jetstream", natsConnection_JetStream (&js, connection, &options));
	jsStreamConfig_Init (&stream);
	stream.Name = STREAM;
	stream.Subjects = subjects;
	stream.SubjectsLen = 1;
	stream.Storage = js_FileStorage;
	s_check ("stream", js_AddStream (NULL, js, &stream, NULL, NULL));
	return js;
}

static void
s_publish (jsCtx *js, struct peer_load *load)
{
	uint8_t message[PEER_MESSAGE_MAX];
	jsPubOptions options;

	for (uint64_t i = 0; i < load->count; i++) {
		size_t size = peer_load_make (load, message);
		s_check ("publish", js_PublishAsync (js, SUBJECT, message, (int) size, NULL));
	}
	jsPubOptions_Init (&options);
	options.MaxWait = PATIENCE_MS;
	s_check ("acknowledgements", js_PublishAsyncComplete (js, &options));
}

static void
s_on_message (natsConnection *connection, natsSubscription *subscription, natsMsg *message,
	      void *arg)
{
	struct reader *self = arg;

	(void) connection;
	(void) subscription;
	if (peer_load_take (self->load, natsMsg_GetData (message),
			    (size_t) natsMsg_GetDataLength (message)))
		sem_post (&self->done);
	natsMsg_Destroy (message);
}

static void
s_subscribe (jsCtx *js, struct peer_load *load)
{
	struct reader self = {.load = load};
	natsSubscription *subscription = NULL;
	jsSubOptions options;

	sem_init (&self.done, 0, 0);
	jsSubOptions_Init (&options);
	options.Stream = STREAM;
	options.Ordered = true;
	s_check ("subscribe", js_Subscribe (&subscription, js, SUBJECT, s_on_message, &self, NULL,
					    &options, NULL));
	s_check ("limits", natsSubscription_SetPendingLimits (subscription, -1, -1));
	peer_load_ready ();
	while (sem_wait (&self.done) != 0)
		continue;
	arrivals_print (&load->arrivals);
}

int
main (int argc, char **argv)
{
	struct peer_load load;

	peer_load_init (&load, argc, argv);
	natsConnection *connection = s_connect (&load);
	jsCtx *js = s_stream (connection);
	if (strcmp (load.role, "pub") == 0)
		s_publish (js, &load);
	else
		s_subscribe (js, &load);
	fflush (stdout);
	_exit (0); /* not through the library's end, where its own threads were once seen to crash */
}
