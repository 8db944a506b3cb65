/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What somebody did to an alert, in words people read: for the lines of `watch` and `log`, and the story of `show`.
 */
#ifndef COMMON_RENDER_STORY_H
#define COMMON_RENDER_STORY_H

#include "common/render_text.h"

/* "took it", "handed it over to polri", "resolved it: benign": of a response, an update, a cancel; "" of others. Not
   escaped; the caller's to free (), NULL when out of memory. `object` stands for "it". */
char *
render_deed (const struct reader_entry *entry, const char *object);

/* A line of a story: number, time, who, what and with which words; escaped, the caller's to free (), NULL when out of
   memory. Other entries than those about an alert get their title. */
char *
render_story (const struct reader_entry *entry, const struct render_style *style);

#endif
