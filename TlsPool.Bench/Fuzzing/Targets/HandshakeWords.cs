namespace TlsPool.Bench.Fuzzing.Targets;

/// <summary>Pieces of TLS handshakes: extensions, records and messages.</summary>
internal static class HandshakeWords
{
    internal static IReadOnlyList<byte[]> All { get; } =
    [
        [0, 0, 0, 14, 0, 12, 0, 0, 9, .. "localhost"u8], // server_name
        [0, 5, 0, 5, 1, 0, 0, 0, 0], // status_request
        [0, 10, 0, 8, 0, 6, 0x11, 0xec, 0, 29, 0, 23], // supported_groups
        [0, 13, 0, 6, 0, 4, 4, 3, 8, 4], // signature_algorithms
        [0, 16, 0, 5, 0, 3, 2, .. "h2"u8], // ALPN
        [0, 22, 0, 0], // encrypt_then_mac
        [0, 23, 0, 0], // extended_master_secret
        [0, 28, 0, 2, 0, 64], // record_size_limit
        [0, 35, 0, 0], // session_ticket
        [0, 41, 0, 43, 0, 6, 0, 0, 0, 0, 0, 0, 0, 33, 32, .. new byte[32]], // pre_shared_key
        [0, 42, 0, 0], // early_data
        [0, 43, 0, 3, 2, 3, 4], [0, 43, 0, 2, 3, 4], // supported_versions
        [0, 44, 0, 4, 0, 2, 1, 2], // cookie
        [0, 45, 0, 2, 1, 1], // psk_key_exchange_modes
        [0, 51, 0, 38, 0, 36, 0, 29, 0, 32, .. Enumerable.Repeat((byte)9, 32)], // key_share
        [0xff, 1, 0, 1, 0], // renegotiation_info
        [0x13, 1], [0x13, 2], [0x13, 3], [0xc0, 0x2b], [0xc0, 0x23], [0x56, 0], [0, 0xff], // cipher suites
        [22, 3, 1, 0, 4, 0, 0, 0, 0], [20, 3, 3, 0, 1, 1], [21, 3, 3, 0, 2, 1, 0], [21, 3, 3, 0, 2, 2, 40], [23, 3, 3, 0, 1, 0], // records
        [0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91,
            0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c], // HelloRetryRequest
        [1, 0, 0, 0], [2, 0, 0, 0], [4, 0, 0, 0], [8, 0, 0, 2, 0, 0], [11, 0, 0, 3, 0, 0, 0], [12, 0, 0, 0], [13, 0, 0, 0], [14, 0, 0, 0],
        [15, 0, 0, 0], [16, 0, 0, 0], [20, 0, 0, 12], [22, 0, 0, 0], [23, 0, 0, 0], [24, 0, 0, 1, 0], // messages
    ];
}
