/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One line of Suricata's eve.json, for the programs that make a load: each line another event, so that nothing
 * is folded or known already. As an entry it has about 400 bytes.
 */
#ifndef BENCH_EVE_LINE_H
#define BENCH_EVE_LINE_H

#include <stdint.h>
#include <stdio.h>
#include <time.h>

#define EVE_LINE_MAX 1024

static uint64_t
eve_now_us (void)
{
	struct timespec now;
	clock_gettime (CLOCK_REALTIME, &now);
	return (uint64_t) now.tv_sec * 1000000 + (uint64_t) now.tv_nsec / 1000;
}

/* Writes the line with its newline; returns its size. */
static size_t
eve_line (char line[EVE_LINE_MAX], uint64_t number, uint64_t at_us)
{
	static const char *const rules[] = {
		"ET WEB_SERVER Possible SQL Injection Attempt UNION SELECT",
		"ET SCAN Suspicious inbound to PostgreSQL port 5432",
		"ET WEB_SPECIFIC_APPS Login brute force against sidalih",
		"ET EXPLOIT Apache Struts remote code execution attempt",
	};
	unsigned low = (unsigned) (number % 60000);
	unsigned high = (unsigned) (number / 60000 % 250);
	time_t seconds = (time_t) (at_us / 1000000);
	struct tm when;
	char date[32];
	gmtime_r (&seconds, &when);
	strftime (date, sizeof date, "%Y-%m-%dT%H:%M:%S", &when);
	return (size_t) snprintf (
		line, EVE_LINE_MAX,
		"{\"timestamp\":\"%s.%06u+0000\",\"flow_id\":%llu,\"in_iface\":\"eth0\","
		"\"event_type\":\"alert\",\"src_ip\":\"203.0.%u.%u\",\"src_port\":%u,"
		"\"dest_ip\":\"10.47.3.%u\",\"dest_port\":443,\"proto\":\"TCP\",\"app_proto\":\"http\","
		"\"alert\":{\"action\":\"allowed\",\"gid\":1,\"signature_id\":%u,\"rev\":2,"
		"\"signature\":\"%s\",\"category\":\"Web Application Attack\",\"severity\":%u},"
		"\"http\":{\"hostname\":\"sidalih.kpu.example\",\"url\":\"/pemilih/%08llu\"}}\n",
		date, (unsigned) (at_us % 1000000), (unsigned long long) (1000000 + number), high,
		low % 250, 1024 + low, low % 20, 2000000 + low % 500, rules[number % 4],
		1 + low % 3, (unsigned long long) number);
}

#endif
