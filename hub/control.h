/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The hub's control socket, `control.sock` in the state directory, mode 0600: a line with a JSON object
 * {"verb": "status" | "reload" | "kick" | "drain", "principal": …}, answered by a line {"ok": true, …} or
 * {"ok": false, "error": …}, and the end. A drain is answered when it is done. Few may be connected at a time,
 * and whoever does not say a line soon is cut, so nobody holds the hub up.
 */
#ifndef SIAGA_HUB_CONTROL_H
#define SIAGA_HUB_CONTROL_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#define CONTROL_SOCKET_NAME "control.sock"

struct core;
struct control;

/* Listens. NULL, with the reason logged, when it can not: the hub goes on without. */
struct control *
control_new (struct core *core, const char *state_dir);

/* Cuts everybody, and the name is gone; NULL is fine. */
void
control_destroy (struct control **self_p);

/* Readable when control_serve () has something to do; -1 for NULL. */
int
control_fd (const struct control *self);

void
control_serve (struct control *self);

/* Cuts who says nothing. NULL is fine. */
void
control_on_tick (struct control *self);

/* The drain is done: tells who asked for it. NULL is fine. */
void
control_drained (struct control *self);

/* Did anybody ask to drain? */
bool
control_wants_end (const struct control *self);

/* --- control_verbs.c -------------------------------------------------------------------------------------- */

/* Does what the request says and returns the answer, the caller's; NULL when there is none yet (a drain) or no
   memory. */
json_t *
control_do (struct core *core, const json_t *request);

/* What there is to say of the hub (siaga-hub(8)). */
json_t *
control_facts (struct core *core);

/* --- control_client.c ------------------------------------------------------------------------------------- */

/* Asks the hub that runs on this configuration and prints its answer: as text or, with `json`, as it is. What main ()
   exits with. `principal` is of a kick. */
int
control_ask (const char *conf_path, const char *verb, const char *principal, bool json);

/* control_print.c. The facts as aligned text. */
void
control_print (FILE *out, const json_t *facts);

#endif
