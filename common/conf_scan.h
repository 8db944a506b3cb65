/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A look at configuration text before libconfig sees it, for what libconfig 1.5 accepts and should
 * not: @include, integers it would truncate, \x escapes (it cuts strings at \x00), control bytes,
 * text that is not UTF-8, strings over the end of a line, and nesting deeper than CONF_DEPTH_MAX.
 */
#ifndef COMMON_CONF_SCAN_H
#define COMMON_CONF_SCAN_H

#include <stddef.h>

#define CONF_DEPTH_MAX 8 /* brackets of any kind open at once */

/* NULL when the text may be parsed; else why not, a constant, and the line. */
const char *
conf_scan (const char *text, size_t size, unsigned *line_p);

#endif
