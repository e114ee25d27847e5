/*
 * The frames of the socket protocol as a C compiler lays them out. The declarations are written from the tables of
 * wire-format.md; WireLayoutTests compiles this with gcc and compares it with FrameCodec.
 *
 *   layout   prints sizes and offsets
 *   dump     writes the frames of FrameSamples
 *   show     reads frames and prints their fields
 */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

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
struct pioc_pinentry {
	uint32_t flags;
	uint32_t attempt;
	uint32_t timeout_us;
	char pin[128];
	char prompt[128];
	char token_manuf[36];
	char token_model[20];
	char token_serial[20];
	char token_label[36];
};
struct pioc_lidentry {
	uint32_t flags;
	uint16_t maxlevels;
	uint32_t timeout;
	char localid[128];
	char remoteid[128];
};
struct pioc_control { uint32_t flags; uint8_t ctlkey[16]; char name[128]; };
struct pioc_prng { int16_t in1_len; int16_t in2_len; int16_t prng_len; uint8_t buffer[350]; };
struct pioc_info { uint8_t ctlkey[16]; uint32_t info_kind; uint16_t len; uint8_t buffer[334]; };

struct tlspool_command {
	uint16_t pio_reqid;
	uint16_t pio_cbid;
	uint32_t pio_cmd;
	union {
		struct pioc_error pioc_error;
		struct pioc_ping pioc_ping;
		struct pioc_starttls pioc_starttls;
		struct pioc_pinentry pioc_pinentry;
		struct pioc_lidentry pioc_lidentry;
		struct pioc_control pioc_control;
		struct pioc_prng pioc_prng;
		struct pioc_info pioc_info;
	} pio_data;
};

#pragma pack(pop)

enum {
	SUCCESS = 0x00, ERROR = 0x01, PING = 0x10, STARTTLS = 0x24, STARTTLS_LOCALID = 0x28, PINENTRY = 0x29,
	PLAINTEXT_CONNECT = 0x2a, PRNG = 0x2b, INFO = 0x2c, CONTROL_DETACH = 0x100, CONTROL_REATTACH = 0x101,
	LIDENTRY_REGISTER = 0x200, LIDENTRY_CALLBACK = 0x201
};

typedef struct tlspool_command Command;

#define FIELD(type, name) \
	printf(#type "." #name " %zu %zu\n", offsetof(Command, pio_data) + offsetof(struct type, name), sizeof(((struct type *)0)->name))
#define SIZE(type) printf(#type " %zu\n", sizeof(struct type))

static void layout(void)
{
	SIZE(tlspool_command);
	printf("header.pio_reqid %zu %zu\n", offsetof(Command, pio_reqid), sizeof(uint16_t));
	printf("header.pio_cbid %zu %zu\n", offsetof(Command, pio_cbid), sizeof(uint16_t));
	printf("header.pio_cmd %zu %zu\n", offsetof(Command, pio_cmd), sizeof(uint32_t));
	SIZE(pioc_error); FIELD(pioc_error, tlserrno); FIELD(pioc_error, message);
	SIZE(pioc_ping); FIELD(pioc_ping, YYYYMMDD_producer); FIELD(pioc_ping, facilities);
	SIZE(pioc_starttls); FIELD(pioc_starttls, flags); FIELD(pioc_starttls, local); FIELD(pioc_starttls, ipproto);
	FIELD(pioc_starttls, streamid); FIELD(pioc_starttls, localid); FIELD(pioc_starttls, remoteid);
	FIELD(pioc_starttls, ctlkey); FIELD(pioc_starttls, service); FIELD(pioc_starttls, timeout);
	SIZE(pioc_pinentry); FIELD(pioc_pinentry, flags); FIELD(pioc_pinentry, attempt); FIELD(pioc_pinentry, timeout_us);
	FIELD(pioc_pinentry, pin); FIELD(pioc_pinentry, prompt); FIELD(pioc_pinentry, token_manuf);
	FIELD(pioc_pinentry, token_model); FIELD(pioc_pinentry, token_serial); FIELD(pioc_pinentry, token_label);
	SIZE(pioc_lidentry); FIELD(pioc_lidentry, flags); FIELD(pioc_lidentry, maxlevels); FIELD(pioc_lidentry, timeout);
	FIELD(pioc_lidentry, localid); FIELD(pioc_lidentry, remoteid);
	SIZE(pioc_control); FIELD(pioc_control, flags); FIELD(pioc_control, ctlkey); FIELD(pioc_control, name);
	SIZE(pioc_prng); FIELD(pioc_prng, in1_len); FIELD(pioc_prng, in2_len); FIELD(pioc_prng, prng_len);
	FIELD(pioc_prng, buffer);
	SIZE(pioc_info); FIELD(pioc_info, ctlkey); FIELD(pioc_info, info_kind); FIELD(pioc_info, len); FIELD(pioc_info, buffer);
}

static void count(uint8_t *to, uint8_t first, size_t size)
{
	for (size_t i = 0; i < size; i++)
		to[i] = (uint8_t)(first + i);
}

static Command *start(Command *c, uint16_t reqid, uint16_t cbid, uint32_t cmd)
{
	memset(c, 0, sizeof(*c));
	c->pio_reqid = reqid;
	c->pio_cbid = cbid;
	c->pio_cmd = cmd;
	return c;
}

static void put(const Command *c)
{
	fwrite(c, sizeof(*c), 1, stdout);
}

static void starttls(uint16_t reqid, uint16_t cbid, uint32_t cmd, const char *localid, const char *service, uint32_t timeout)
{
	Command c;
	struct pioc_starttls *s = &start(&c, reqid, cbid, cmd)->pio_data.pioc_starttls;
	s->flags = 0x1 | 0x8 | 0x4000;
	s->local = 0x89abcdef;
	s->ipproto = 6;
	s->streamid = 0x7788;
	strncpy(s->localid, localid, sizeof(s->localid));
	strncpy(s->remoteid, "www.b\303\274cher.example", sizeof(s->remoteid));
	count(s->ctlkey, 0xa0, sizeof(s->ctlkey));
	memcpy(s->service, service, strlen(service));
	s->timeout = timeout;
	put(&c);
}

static void dump(void)
{
	Command c;

	put(start(&c, 0x1234, 0xfedc, SUCCESS));

	start(&c, 1, 0, ERROR);
	c.pio_data.pioc_error.tlserrno = -1167372264;
	strcpy(c.pio_data.pioc_error.message, "handshake failed");
	put(&c);

	start(&c, 2, 0, PING);
	strcpy(c.pio_data.pioc_ping.YYYYMMDD_producer, "20151111api@tlspool.arpa2.net");
	c.pio_data.pioc_ping.facilities = 5;
	put(&c);

	starttls(3, 0, STARTTLS, "john@example.com", "http", 30000);
	starttls(4, 0x8001, STARTTLS_LOCALID, "", "sixteen-is-full!", 30000);
	starttls(5, 6, PLAINTEXT_CONNECT, "john@example.com", "http", 0xffffffff);

	start(&c, 7, 8, PINENTRY);
	c.pio_data.pioc_pinentry.flags = 0x11223344;
	c.pio_data.pioc_pinentry.attempt = 3;
	c.pio_data.pioc_pinentry.timeout_us = 60000000;
	strcpy(c.pio_data.pioc_pinentry.pin, "1234 5678");
	strcpy(c.pio_data.pioc_pinentry.prompt, "PIN, please");
	strcpy(c.pio_data.pioc_pinentry.token_manuf, "Some manufacturer");
	strcpy(c.pio_data.pioc_pinentry.token_model, "Model 1");
	strcpy(c.pio_data.pioc_pinentry.token_serial, "SN-0001");
	strcpy(c.pio_data.pioc_pinentry.token_label, "token label");
	put(&c);

	start(&c, 9, 0, PRNG);
	c.pio_data.pioc_prng.in1_len = 5;
	c.pio_data.pioc_prng.in2_len = -1;
	c.pio_data.pioc_prng.prng_len = 48;
	count(c.pio_data.pioc_prng.buffer, 1, sizeof(c.pio_data.pioc_prng.buffer));
	put(&c);

	start(&c, 10, 0, INFO);
	count(c.pio_data.pioc_info.ctlkey, 0xa0, 16);
	c.pio_data.pioc_info.info_kind = 0x59290001;
	c.pio_data.pioc_info.len = 32;
	count(c.pio_data.pioc_info.buffer, 7, sizeof(c.pio_data.pioc_info.buffer));
	put(&c);

	start(&c, 11, 0, CONTROL_DETACH);
	c.pio_data.pioc_control.flags = 0x01020304;
	count(c.pio_data.pioc_control.ctlkey, 0xa0, 16);
	strcpy(c.pio_data.pioc_control.name, "detached");
	put(&c);

	start(&c, 12, 0, CONTROL_REATTACH);
	c.pio_data.pioc_control.flags = 0x05060708;
	count(c.pio_data.pioc_control.ctlkey, 0xa0, 16);
	put(&c);

	start(&c, 13, 0, LIDENTRY_REGISTER);
	c.pio_data.pioc_lidentry.flags = 0x100 | 0x81;
	c.pio_data.pioc_lidentry.timeout = 600;
	put(&c);

	start(&c, 14, 15, LIDENTRY_CALLBACK);
	c.pio_data.pioc_lidentry.flags = 0x1000;
	c.pio_data.pioc_lidentry.maxlevels = 2;
	c.pio_data.pioc_lidentry.timeout = 30;
	strcpy(c.pio_data.pioc_lidentry.localid, "john@example.com");
	strcpy(c.pio_data.pioc_lidentry.remoteid, "@.example.org");
	put(&c);
}

static void hex(const uint8_t *bytes, size_t size)
{
	putchar(' ');
	for (size_t i = 0; i < size; i++)
		printf("%02x", bytes[i]);
}

static void show(void)
{
	Command c;

	while (fread(&c, sizeof(c), 1, stdin) == 1) {
		printf("%u %u %x", c.pio_reqid, c.pio_cbid, c.pio_cmd);
		switch (c.pio_cmd) {
		case ERROR:
			printf(" %d [%s]", c.pio_data.pioc_error.tlserrno, c.pio_data.pioc_error.message);
			break;
		case PING:
			printf(" [%s] %x", c.pio_data.pioc_ping.YYYYMMDD_producer, c.pio_data.pioc_ping.facilities);
			break;
		case STARTTLS:
		case STARTTLS_LOCALID:
		case PLAINTEXT_CONNECT: {
			struct pioc_starttls *s = &c.pio_data.pioc_starttls;
			printf(" %x %x %u %u [%s] [%s]", s->flags, s->local, s->ipproto, s->streamid, s->localid, s->remoteid);
			hex(s->ctlkey, sizeof(s->ctlkey));
			printf(" [%.16s] %u", (char *)s->service, s->timeout);
			break;
		}
		case PINENTRY: {
			struct pioc_pinentry *p = &c.pio_data.pioc_pinentry;
			printf(" %x %u %u [%s] [%s] [%s] [%s] [%s] [%s]", p->flags, p->attempt, p->timeout_us, p->pin, p->prompt,
				p->token_manuf, p->token_model, p->token_serial, p->token_label);
			break;
		}
		case PRNG: {
			struct pioc_prng *p = &c.pio_data.pioc_prng;
			printf(" %d %d %d", p->in1_len, p->in2_len, p->prng_len);
			hex(p->buffer, sizeof(p->buffer));
			break;
		}
		case INFO: {
			struct pioc_info *i = &c.pio_data.pioc_info;
			hex(i->ctlkey, sizeof(i->ctlkey));
			printf(" %x %u", i->info_kind, i->len);
			hex(i->buffer, sizeof(i->buffer));
			break;
		}
		case CONTROL_DETACH:
		case CONTROL_REATTACH:
			printf(" %x", c.pio_data.pioc_control.flags);
			hex(c.pio_data.pioc_control.ctlkey, 16);
			printf(" [%s]", c.pio_data.pioc_control.name);
			break;
		case LIDENTRY_REGISTER:
		case LIDENTRY_CALLBACK: {
			struct pioc_lidentry *l = &c.pio_data.pioc_lidentry;
			printf(" %x %u %u [%s] [%s]", l->flags, l->maxlevels, l->timeout, l->localid, l->remoteid);
			break;
		}
		}
		putchar('\n');
	}
}

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "layout") == 0)
		layout();
	else if (argc == 2 && strcmp(argv[1], "dump") == 0)
		dump();
	else if (argc == 2 && strcmp(argv[1], "show") == 0)
		show();
	else
		return 2;
	return 0;
}
