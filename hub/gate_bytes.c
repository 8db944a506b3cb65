/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How much a peer has sent, as the kernel counts it. In a file of its own: linux/tcp.h, which has the
 * counter, and netinet/tcp.h, which czmq.h includes, exclude each other.
 */
#include <linux/tcp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <netinet/in.h>

bool
gate_bytes_received (int fd, uint64_t *bytes);

bool
gate_bytes_received (int fd, uint64_t *bytes)
{
	struct tcp_info info;
	socklen_t size = sizeof info;

	memset (&info, 0, sizeof info);
	if (getsockopt (fd, IPPROTO_TCP, TCP_INFO, &info, &size) != 0 ||
	    size < offsetof (struct tcp_info, tcpi_bytes_received) +
			    sizeof info.tcpi_bytes_received)
		return false;
	*bytes = info.tcpi_bytes_received;
	return true;
}
