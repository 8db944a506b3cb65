/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How much a peer has sent and taken, as the kernel counts it. In a file of its own: linux/tcp.h, which has the
 * counters, and netinet/tcp.h, which czmq.h includes, exclude each other.
 */
#include <linux/tcp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <netinet/in.h>

bool
gate_bytes (int fd, uint64_t *received, uint64_t *acknowledged);

bool
gate_bytes (int fd, uint64_t *received, uint64_t *acknowledged)
{
	struct tcp_info info;
	socklen_t size = sizeof info;

	memset (&info, 0, sizeof info);
	if (getsockopt (fd, IPPROTO_TCP, TCP_INFO, &info, &size) != 0 ||
	    size < offsetof (struct tcp_info, tcpi_bytes_received) +
			    sizeof info.tcpi_bytes_received)
		return false;
	*received = info.tcpi_bytes_received;
	*acknowledged = info.tcpi_bytes_acked;
	return true;
}
