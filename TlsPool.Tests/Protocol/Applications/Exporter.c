/* A TLS client of OpenSSL, or with -DWITH_GNUTLS of GnuTLS, that prints what its library exports and binds, and stays until the peer ends. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#ifdef WITH_GNUTLS
#include <gnutls/gnutls.h>
#else
#include <openssl/ssl.h>
#endif

#define LABEL "EXPERIMENTAL-test"
#define CONTEXT "some context"
#define BINDING "EXPORTER-Channel-Binding"

static void print(const char *name, const unsigned char *bytes, size_t size)
{
    printf("%s ", name);
    for (size_t i = 0; i < size; i++)
        printf("%02X", bytes[i]);
    printf("\n");
}

static int connect_to(const char *port)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(atoi(port)), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(fd, (struct sockaddr *)&address, sizeof address) != 0)
        exit(2);
    return fd;
}

#ifdef WITH_GNUTLS
static void export_keys(gnutls_session_t session, const char *name, const char *label, size_t size, const char *context)
{
    char keys[254];
    if (gnutls_prf_rfc5705(session, strlen(label), label, context ? strlen(context) : 0, context, size, keys) < 0)
        exit(4);
    print(name, (unsigned char *)keys, size);
}

static void bind_channel(gnutls_session_t session, const char *name, gnutls_channel_binding_t kind)
{
    gnutls_datum_t binding;
    if (gnutls_session_channel_binding(session, kind, &binding) == 0)
        print(name, binding.data, binding.size);
}

int main(int argc, char **argv)
{
    if (argc != 3)
        return 1;
    gnutls_session_t session;
    gnutls_certificate_credentials_t credentials;
    gnutls_certificate_allocate_credentials(&credentials);
    gnutls_init(&session, GNUTLS_CLIENT);
    gnutls_priority_set_direct(session, strcmp(argv[2], "1.2") == 0 ? "NORMAL:-VERS-ALL:+VERS-TLS1.2" : "NORMAL:-VERS-ALL:+VERS-TLS1.3", NULL);
    gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, credentials);
    gnutls_server_name_set(session, GNUTLS_NAME_DNS, "server.example", strlen("server.example"));
    int fd = connect_to(argv[1]);
    gnutls_transport_set_int(session, fd);
    int result;
    do
        result = gnutls_handshake(session);
    while (result < 0 && !gnutls_error_is_fatal(result));
    if (result < 0)
        return 3;
    export_keys(session, "none", LABEL, 254, NULL);
    export_keys(session, "empty", LABEL, 20, "");
    export_keys(session, "context", LABEL, 64, CONTEXT);
    export_keys(session, "tls-exporter", BINDING, 32, "");
    bind_channel(session, "tls-unique", GNUTLS_CB_TLS_UNIQUE);
    bind_channel(session, "tls-server-end-point", GNUTLS_CB_TLS_SERVER_END_POINT);
    printf("done\n");
    fflush(stdout);
    char byte;
    do
        result = gnutls_record_recv(session, &byte, 1);
    while (result > 0 || (result < 0 && !gnutls_error_is_fatal(result)));
    return 0;
}
#else
static void export_keys(SSL *session, const char *name, const char *label, size_t size, const char *context)
{
    unsigned char keys[254];
    if (SSL_export_keying_material(session, keys, size, label, strlen(label), (const unsigned char *)context, context ? strlen(context) : 0, context != NULL) != 1)
        exit(4);
    print(name, keys, size);
}

int main(int argc, char **argv)
{
    if (argc != 3)
        return 1;
    int version = strcmp(argv[2], "1.2") == 0 ? TLS1_2_VERSION : TLS1_3_VERSION;
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_min_proto_version(context, version);
    SSL_CTX_set_max_proto_version(context, version);
    SSL *session = SSL_new(context);
    SSL_set_tlsext_host_name(session, "server.example");
    SSL_set_fd(session, connect_to(argv[1]));
    if (SSL_connect(session) != 1)
        return 3;
    export_keys(session, "none", LABEL, 254, NULL);
    export_keys(session, "empty", LABEL, 20, "");
    export_keys(session, "context", LABEL, 64, CONTEXT);
    export_keys(session, "tls-exporter", BINDING, 32, "");
    unsigned char finished[64];
    if (version == TLS1_2_VERSION)
        print("tls-unique", finished, SSL_get_finished(session, finished, sizeof finished));
    printf("done\n");
    fflush(stdout);
    char byte;
    while (SSL_read(session, &byte, 1) > 0)
        ;
    return 0;
}
#endif
