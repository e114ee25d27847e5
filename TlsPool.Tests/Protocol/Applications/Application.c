/*
 * An application of the pool in C, as the published protocol has it: packed structures, blocking sockets, sendmsg and
 * recvmsg with SCM_RIGHTS. It is written from wire-format.md and behaviour.md and shares nothing with the product.
 *
 *   ping SOCKET                     prints who the pool is
 *   client SOCKET PORT REMOTEID     begins TLS to 127.0.0.1:PORT, sends a line of its input and prints what comes back
 *   server SOCKET LOCALID           prints its port, ends TLS of one connection and sends back what it gets
 *   bequeath SOCKET PORT REMOTEID HEIR  begins TLS, sends lines, detaches, passes its last response and the plaintext side on to HEIR
 *   errors SOCKET                   makes mistakes and prints the numbers that they get
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define PIOC_ERROR_V2 0x00000001u
#define PIOC_PING_V2 0x00000010u
#define PIOC_STARTTLS_V2 0x00000024u
#define PIOC_STARTTLS_LOCALID_V2 0x00000028u
#define PIOC_PLAINTEXT_CONNECT_V2 0x0000002au
#define PIOC_CONTROL_DETACH_V2 0x00000100u
#define PIOC_CONTROL_REATTACH_V2 0x00000101u

#define LOCALROLE_CLIENT 0x00000001u
#define LOCALROLE_SERVER 0x00000002u
#define REMOTEROLE_CLIENT 0x00000004u
#define REMOTEROLE_SERVER 0x00000008u
#define DTLS 0x00000100u
#define IGNORE_REMOTEID 0x00001000u
#define LOCALID_CHECK 0x00010000u

#pragma pack(push, 2)
struct pioc_error { int tlserrno; char message[128]; };
struct pioc_ping { char YYYYMMDD_producer[136]; uint32_t facilities; };
struct pioc_starttls {
	uint32_t flags;
	uint32_t local;
	uint8_t ipproto;
	uint16_t streamid;
	char localid[128];
	char remoteid[128];
	uint8_t ctlkey[16];
	uint8_t service[16];
	uint32_t timeout;
};
struct pioc_control { uint32_t flags; uint8_t ctlkey[16]; char name[128]; };
struct tlspool_command {
	uint16_t pio_reqid;
	uint16_t pio_cbid;
	uint32_t pio_cmd;
	union {
		struct pioc_error pioc_error;
		struct pioc_ping pioc_ping;
		struct pioc_starttls pioc_starttls;
		struct pioc_control pioc_control;
		uint8_t whole[380];
	} pio_data;
};
#pragma pack(pop)

_Static_assert(sizeof(struct tlspool_command) == 388, "wire-format.md");

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static int connect_pool(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int pool = socket(AF_UNIX, SOCK_STREAM, 0);
	strncpy(address.sun_path, path, sizeof(address.sun_path) - 1);
	if (pool < 0 || connect(pool, (struct sockaddr *)&address, sizeof(address)) != 0)
		die("connect to the pool");
	return pool;
}

static void send_command(int pool, struct tlspool_command *command, int descriptor)
{
	union { struct cmsghdr header; char room[CMSG_SPACE(sizeof(int))]; } control = { 0 };
	struct iovec vector = { command, sizeof(*command) };
	struct msghdr message = { .msg_iov = &vector, .msg_iovlen = 1 };
	if (descriptor >= 0) {
		message.msg_control = &control;
		message.msg_controllen = sizeof(control);
		struct cmsghdr *header = CMSG_FIRSTHDR(&message);
		header->cmsg_level = SOL_SOCKET;
		header->cmsg_type = SCM_RIGHTS;
		header->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(header), &descriptor, sizeof(int));
	}
	if (sendmsg(pool, &message, MSG_NOSIGNAL) != (ssize_t)sizeof(*command))
		die("sendmsg");
}

static void receive_command(int pool, struct tlspool_command *command)
{
	char control[CMSG_SPACE(8 * sizeof(int))];
	struct iovec vector = { command, sizeof(*command) };
	struct msghdr message = { .msg_iov = &vector, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control) };
	ssize_t got = recvmsg(pool, &message, MSG_WAITALL);
	if (got != (ssize_t)sizeof(*command)) {
		fprintf(stderr, "the pool sent %zd bytes\n", got);
		exit(1);
	}
	if (CMSG_FIRSTHDR(&message) != NULL) {
		fprintf(stderr, "the pool passed a descriptor\n");
		exit(1);
	}
}

static void expect_reqid(const struct tlspool_command *answer, uint16_t reqid, int is_callback)
{
	if (answer->pio_reqid != reqid || (answer->pio_cbid != 0) != is_callback) {
		fprintf(stderr, "request %u callback %u does not belong here\n", answer->pio_reqid, answer->pio_cbid);
		exit(1);
	}
}

static void tell_mode(const char *what, int descriptor)
{
	int flags = fcntl(descriptor, F_GETFL);
	printf("%s is %s\n", what, flags & O_NONBLOCK ? "non-blocking" : "blocking");
}

static struct tlspool_command starttls(uint16_t reqid, uint32_t flags, const char *localid, const char *remoteid)
{
	struct tlspool_command command;
	memset(&command, 0, sizeof(command));
	command.pio_reqid = reqid;
	command.pio_cmd = PIOC_STARTTLS_V2;
	command.pio_data.pioc_starttls.flags = flags;
	command.pio_data.pioc_starttls.ipproto = IPPROTO_TCP;
	strncpy(command.pio_data.pioc_starttls.localid, localid, 127);
	strncpy(command.pio_data.pioc_starttls.remoteid, remoteid, 127);
	if (getrandom(command.pio_data.pioc_starttls.ctlkey, 16, 0) != 16)
		die("getrandom");
	return command;
}

/* Returns this side of the plaintext, or -1 after an error; *command becomes the final response. */
static int negotiate(int pool, struct tlspool_command *command, int network)
{
	uint16_t reqid = command->pio_reqid;
	uint8_t ctlkey[16];
	int plaintext[2] = { -1, -1 };
	memcpy(ctlkey, command->pio_data.pioc_starttls.ctlkey, 16);
	send_command(pool, command, network);
	for (;;) {
		receive_command(pool, command);
		switch (command->pio_cmd) {
		case PIOC_ERROR_V2:
			expect_reqid(command, reqid, 0);
			return -1;
		case PIOC_STARTTLS_LOCALID_V2:
			expect_reqid(command, reqid, 1);
			printf("proposed %s\n", command->pio_data.pioc_starttls.localid);
			send_command(pool, command, -1);
			break;
		case PIOC_PLAINTEXT_CONNECT_V2:
			expect_reqid(command, reqid, 1);
			if (plaintext[0] >= 0 || socketpair(AF_UNIX, SOCK_STREAM, 0, plaintext) != 0)
				die("socketpair, once");
			send_command(pool, command, plaintext[1]);
			close(plaintext[1]);
			break;
		case PIOC_STARTTLS_V2:
			expect_reqid(command, reqid, 0);
			if (memcmp(ctlkey, command->pio_data.pioc_starttls.ctlkey, 16) != 0)
				printf("another control key\n");
			printf("local '%s'\n", command->pio_data.pioc_starttls.localid);
			printf("remote '%s'\n", command->pio_data.pioc_starttls.remoteid);
			return plaintext[0];
		default:
			fprintf(stderr, "command %#x\n", command->pio_cmd);
			exit(1);
		}
	}
}

static void tell_error(const char *what, const struct tlspool_command *answer)
{
	if (answer->pio_cmd == PIOC_ERROR_V2)
		printf("%s %d\n", what, answer->pio_data.pioc_error.tlserrno);
	else
		printf("%s command %#x\n", what, answer->pio_cmd);
}

static int ping(int pool)
{
	struct tlspool_command command;
	memset(&command, 0, sizeof(command));
	command.pio_reqid = 1;
	command.pio_cmd = PIOC_PING_V2;
	strcpy(command.pio_data.pioc_ping.YYYYMMDD_producer, "20151111api@tlspool.arpa2.net");
	command.pio_data.pioc_ping.facilities = 0xffffffff;
	send_command(pool, &command, -1);
	receive_command(pool, &command);
	expect_reqid(&command, 1, 0);
	if (command.pio_cmd != PIOC_PING_V2)
		return 1;
	printf("%s %#x\n", command.pio_data.pioc_ping.YYYYMMDD_producer, command.pio_data.pioc_ping.facilities);
	return 0;
}

static int client(int pool, const char *port, const char *remoteid)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port)), .sin_addr = { htonl(INADDR_LOOPBACK) } };
	int network = socket(AF_INET, SOCK_STREAM, 0);
	if (network < 0 || connect(network, (struct sockaddr *)&address, sizeof(address)) != 0)
		die("connect");
	/* Existing programs set DTLS with TCP as well. */
	struct tlspool_command command = starttls(7, LOCALROLE_CLIENT | REMOTEROLE_SERVER | DTLS, "", remoteid);
	int plaintext = negotiate(pool, &command, network);
	if (plaintext < 0) {
		tell_error("starttls", &command);
		return 1;
	}
	char line[4096];
	if (fgets(line, sizeof(line), stdin) == NULL)
		return 1;
	size_t length = strlen(line);
	if (write(plaintext, line, length) != (ssize_t)length)
		die("write");
	for (size_t have = 0; have < length;) {
		ssize_t got = read(plaintext, line + have, length - have);
		if (got <= 0)
			die("read");
		have += (size_t)got;
	}
	printf("came back %s", line);
	tell_mode("ciphertext", network);
	tell_mode("plaintext", plaintext);
	/* Only the pool's copy of the network side counts from here. */
	close(network);
	shutdown(plaintext, SHUT_WR);
	return read(plaintext, line, sizeof(line)) == 0 ? 0 : 1;
}

static int server(int pool, const char *localid)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t size = sizeof(address);
	int listener = socket(AF_INET, SOCK_STREAM, 0);
	if (bind(listener, (struct sockaddr *)&address, size) != 0 || listen(listener, 1) != 0
	    || getsockname(listener, (struct sockaddr *)&address, &size) != 0)
		die("listen");
	printf("port %d\n", ntohs(address.sin_port));
	int network = accept(listener, NULL, NULL);
	if (network < 0)
		die("accept");
	struct tlspool_command command = starttls(9, LOCALROLE_SERVER | REMOTEROLE_CLIENT | IGNORE_REMOTEID | LOCALID_CHECK | DTLS, localid, "");
	int plaintext = negotiate(pool, &command, network);
	if (plaintext < 0) {
		tell_error("starttls", &command);
		return 1;
	}
	char buffer[4096];
	ssize_t got;
	while ((got = read(plaintext, buffer, sizeof(buffer))) > 0) {
		for (ssize_t done = 0; done < got;) {
			ssize_t wrote = write(plaintext, buffer + done, (size_t)(got - done));
			if (wrote <= 0)
				die("write");
			done += wrote;
		}
	}
	tell_mode("ciphertext", network);
	tell_mode("plaintext", plaintext);
	return got == 0 ? 0 : 1;
}

static void control(int pool, const char *what, uint32_t cmd)
{
	struct tlspool_command command;
	memset(&command, 0, sizeof(command));
	command.pio_reqid = 3;
	command.pio_cmd = cmd;
	memset(command.pio_data.pioc_control.ctlkey, 0x5a, 16);
	send_command(pool, &command, -1);
	receive_command(pool, &command);
	expect_reqid(&command, 3, 0);
	tell_error(what, &command);
}

/* Sends what nobody has read the answer to yet, gives the session away, and stays until it is killed. */
static int bequeath(int pool, const char *port, const char *remoteid, const char *path)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port)), .sin_addr = { htonl(INADDR_LOOPBACK) } };
	int network = socket(AF_INET, SOCK_STREAM, 0);
	if (network < 0 || connect(network, (struct sockaddr *)&address, sizeof(address)) != 0)
		die("connect");
	struct tlspool_command session = starttls(7, LOCALROLE_CLIENT | REMOTEROLE_SERVER, "", remoteid);
	int plaintext = negotiate(pool, &session, network);
	if (plaintext < 0) {
		tell_error("starttls", &session);
		return 1;
	}
	close(network);
	for (int i = 0; i < 2000; i++) {
		char line[32];
		int length = snprintf(line, sizeof(line), "line %d\n", i);
		if (write(plaintext, line, (size_t)length) != length)
			die("write");
	}
	struct tlspool_command command;
	memset(&command, 0, sizeof(command));
	command.pio_reqid = 8;
	command.pio_cmd = PIOC_CONTROL_DETACH_V2;
	memcpy(command.pio_data.pioc_control.ctlkey, session.pio_data.pioc_starttls.ctlkey, 16);
	send_command(pool, &command, -1);
	receive_command(pool, &command);
	expect_reqid(&command, 8, 0);
	tell_error("detach", &command);
	send_command(connect_pool(path), &session, plaintext);
	for (;;)
		pause();
}

static int errors(int pool)
{
	struct tlspool_command command = starttls(2, LOCALROLE_CLIENT | REMOTEROLE_SERVER, "", "server.example");
	negotiate(pool, &command, -1);
	tell_error("no-descriptor", &command);

	int file = open("/dev/null", O_RDWR);
	command = starttls(2, LOCALROLE_CLIENT | REMOTEROLE_SERVER, "", "server.example");
	negotiate(pool, &command, file);
	tell_error("file", &command);

	int pair[2];
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0)
		die("socketpair");
	command = starttls(2, LOCALROLE_CLIENT | REMOTEROLE_SERVER, "", "server.example");
	close(pair[0]);
	negotiate(pool, &command, pair[1]);
	tell_error("closed-peer", &command);

	control(pool, "unknown-command", 0x00000777u);
	control(pool, "detach", PIOC_CONTROL_DETACH_V2);
	control(pool, "reattach", PIOC_CONTROL_REATTACH_V2);
	return 0;
}

int main(int count, char **arguments)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (count == 3 && strcmp(arguments[1], "ping") == 0)
		return ping(connect_pool(arguments[2]));
	if (count == 5 && strcmp(arguments[1], "client") == 0)
		return client(connect_pool(arguments[2]), arguments[3], arguments[4]);
	if (count == 4 && strcmp(arguments[1], "server") == 0)
		return server(connect_pool(arguments[2]), arguments[3]);
	if (count == 6 && strcmp(arguments[1], "bequeath") == 0)
		return bequeath(connect_pool(arguments[2]), arguments[3], arguments[4], arguments[5]);
	if (count == 3 && strcmp(arguments[1], "errors") == 0)
		return errors(connect_pool(arguments[2]));
	return 2;
}
