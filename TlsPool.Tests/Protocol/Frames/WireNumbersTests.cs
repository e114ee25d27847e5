using NUnit.Framework;
using TlsPool.Protocol.Frames;

namespace TlsPool.Tests.Protocol.Frames;

/// <summary>Every number of wire-format.md beside the name it has here.</summary>
[TestFixture]
public sealed class WireNumbersTests
{
    private static readonly (string Name, uint Number, Enum Value)[] Numbers =
    [
        ("PIOC_SUCCESS_V2", 0x00000000, Command.Success),
        ("PIOC_ERROR_V2", 0x00000001, Command.Error),
        ("PIOC_PING_V2", 0x00000010, Command.Ping),
        ("PIOC_STARTTLS_V2", 0x00000024, Command.StartTls),
        ("PIOC_STARTTLS_LOCALID_V2", 0x00000028, Command.StartTlsLocalId),
        ("PIOC_PINENTRY_V2", 0x00000029, Command.PinEntry),
        ("PIOC_PLAINTEXT_CONNECT_V2", 0x0000002a, Command.PlaintextConnect),
        ("PIOC_PRNG_V2", 0x0000002b, Command.Prng),
        ("PIOC_INFO_V2", 0x0000002c, Command.Info),
        ("PIOC_CONTROL_DETACH_V2", 0x00000100, Command.ControlDetach),
        ("PIOC_CONTROL_REATTACH_V2", 0x00000101, Command.ControlReattach),
        ("PIOC_LIDENTRY_REGISTER_V2", 0x00000200, Command.LidEntryRegister),
        ("PIOC_LIDENTRY_CALLBACK_V2", 0x00000201, Command.LidEntryCallback),
        ("PIOC_LOCAL", 0x80000000, Command.Local),
        ("PIOF_FACILITY_ALL_CURRENT", 0x00000001, Facilities.AllCurrent),
        ("PIOF_FACILITY_STARTTLS", 0x00000001, Facilities.StartTls),
        ("PIOF_FACILITY_STARTGSS", 0x00000002, Facilities.StartGss),
        ("PIOF_FACILITY_STARTSSH", 0x00000004, Facilities.StartSsh),
        ("PIOF_STARTTLS_LOCALROLE_CLIENT", 0x00000001, StartTlsFlags.LocalRoleClient),
        ("PIOF_STARTTLS_LOCALROLE_SERVER", 0x00000002, StartTlsFlags.LocalRoleServer),
        ("PIOF_STARTTLS_LOCALROLE_PEER", 0x00000003, StartTlsFlags.LocalRolePeer),
        ("PIOF_STARTTLS_REMOTEROLE_CLIENT", 0x00000004, StartTlsFlags.RemoteRoleClient),
        ("PIOF_STARTTLS_REMOTEROLE_SERVER", 0x00000008, StartTlsFlags.RemoteRoleServer),
        ("PIOF_STARTTLS_REMOTEROLE_PEER", 0x0000000c, StartTlsFlags.RemoteRolePeer),
        ("PIOF_STARTTLS_BOTHROLES_PEER", 0x0000000f, StartTlsFlags.BothRolesPeer),
        ("PIOF_STARTTLS_DTLS", 0x00000100, StartTlsFlags.Dtls),
        ("PIOF_STARTTLS_WITHOUT_SNI", 0x00000200, StartTlsFlags.WithoutSni),
        ("PIOF_STARTTLS_IGNORE_CACHES", 0x00000400, StartTlsFlags.IgnoreCaches),
        ("PIOF_STARTTLS_REQUEST_REMOTEID", 0x00000800, StartTlsFlags.RequestRemoteId),
        ("PIOF_STARTTLS_IGNORE_REMOTEID", 0x00001000, StartTlsFlags.IgnoreRemoteId),
        ("PIOF_STARTTLS_DETACH", 0x00002000, StartTlsFlags.Detach),
        ("PIOF_STARTTLS_FORK", 0x00004000, StartTlsFlags.Fork),
        ("PIOF_STARTTLS_DOMAIN_REPRESENTS_USER", 0x00008000, StartTlsFlags.DomainRepresentsUser),
        ("PIOF_STARTTLS_LOCALID_CHECK", 0x00010000, StartTlsFlags.LocalIdCheck),
        ("PIOF_STARTTLS_RENEGOTIATE", 0x00020000, StartTlsFlags.Renegotiate),
        ("PIOF_STARTTLS_LOCALID_ONTHEFLY", 0x00040000, StartTlsFlags.LocalIdOnTheFly),
        ("PIOF_LIDENTRY_SKIP_DBENTRY", 0x00000080, LidEntryFlags.SkipDbEntry),
        ("PIOF_LIDENTRY_SKIP_USER", 0x00000081, LidEntryFlags.SkipUser),
        ("PIOF_LIDENTRY_SKIP_DOMAIN_SAME", 0x00000082, LidEntryFlags.SkipDomainSame),
        ("PIOF_LIDENTRY_SKIP_DOMAIN_ONEUP", 0x00000084, LidEntryFlags.SkipDomainOneUp),
        ("PIOF_LIDENTRY_SKIP_DOMAIN_SUB", 0x00000086, LidEntryFlags.SkipDomainSub),
        ("PIOF_LIDENTRY_SKIP_NOTROOT", 0x00000088, LidEntryFlags.SkipNotRoot),
        ("PIOF_LIDENTRY_WANT_DBENTRY", 0x00000100, LidEntryFlags.WantDbEntry),
        ("PIOF_LIDENTRY_DBENTRY", 0x00001000, LidEntryFlags.DbEntry),
        ("PIOF_LIDENTRY_REGFLAGS", 0x00000fff, LidEntryFlags.RegistrationMask),
        ("PIOF_LIDENTRY_DBINSERT", 0x00002000, LidEntryFlags.DbInsert),
        ("PIOF_LIDENTRY_DBAPPEND", 0x00004000, LidEntryFlags.DbAppend),
        ("PIOF_LIDENTRY_DBREORDER", 0x00008000, LidEntryFlags.DbReorder),
        ("PIOF_LIDENTRY_NEW", 0x00100000, LidEntryFlags.New),
        ("PIOF_LIDENTRY_ONTHEFLY", 0x00200000, LidEntryFlags.OnTheFly),
        ("PIOK_INFO_PEERCERT_SUBJECT", 0x52800000, InfoKind.PeerCertSubject),
        ("PIOK_INFO_PEERCERT_ISSUER", 0x52800001, InfoKind.PeerCertIssuer),
        ("PIOK_INFO_MYCERT_SUBJECT", 0x52800100, InfoKind.MyCertSubject),
        ("PIOK_INFO_MYCERT_ISSUER", 0x52800101, InfoKind.MyCertIssuer),
        ("PIOK_INFO_PEERCERT_SUBJECTALTNAME", 0x52800002, InfoKind.PeerCertSubjectAltName),
        ("PIOK_INFO_MYCERT_SUBJECTALTNAME", 0x52800102, InfoKind.MyCertSubjectAltName),
        ("PIOK_INFO_CHANBIND_TLS_UNIQUE", 0x59290000, InfoKind.ChannelBindingTlsUnique),
        ("PIOK_INFO_CHANBIND_TLS_SERVER_END_POINT", 0x59290001, InfoKind.ChannelBindingTlsServerEndPoint),
        ("this pool's own addition, with PIOC_LOCAL", 0xd9290002, InfoKind.ChannelBindingTlsExporter),
        ("this pool's own addition", 0x544c5300, InfoKind.SessionParameters),
    ];

    private static readonly (uint Number, PoolError Value, string Text)[] Errors =
    [
        (0xba6b5000, PoolError.OutOfMemory, "TLS Pool ran out of memory"),
        (0xba6b5001, PoolError.EntangledThreads, "TLS Pool failed to start a thread"),
        (0xba6b5002, PoolError.ClientDisconnect, "TLS Pool connection closed"),
        (0xba6b5003, PoolError.ClientRefusesCallback, "TLS Pool client will not partake in callback"),
        (0xba6b5004, PoolError.CommandNeeded, "TLS Pool needs a command but got none"),
        (0xba6b5005, PoolError.SuperfluousSocket, "TLS Pool received a superfluous socket"),
        (0xba6b5006, PoolError.CipherSocketNeeded, "TLS Pool needs a ciphertext socket but got none"),
        (0xba6b5007, PoolError.PlainSocketNeeded, "TLS Pool needs a plaintext socket but got none"),
        (0xba6b5008, PoolError.CommandUnknown, "TLS Pool command unrecognised"),
        (0xba6b5009, PoolError.CommandNotImplemented, "TLS Pool command or variety not implemented"),
        (0xba6b500a, PoolError.CommandBadCallbackResponse, "TLS Pool command code unacceptable as callback response"),
        (0xba6b500b, PoolError.FacilityStartTls, "TLS Pool setup excludes STARTTLS facility"),
        (0xba6b500c, PoolError.FacilityStartGss, "TLS Pool setup excludes STARTGSS facility"),
        (0xba6b500d, PoolError.FacilityStartSsh, "TLS Pool setup excludes STARTSSH facility"),
        (0xba6b500e, PoolError.ControlKeyRegistrationFailed, "TLS Pool failed to register control key for connection"),
        (0xba6b500f, PoolError.ControlKeyNotFound, "TLS Pool cannot find the control key"),
        (0xba6b5010, PoolError.ControlKeyNotYours, "TLS Pool does not grant you the control key"),
        (0xba6b5011, PoolError.ControlKeyDetached, "TLS Pool found the control key already detached"),
        (0xba6b5012, PoolError.ControlKeyAttached, "TLS Pool found the control key already attached"),
        (0xba6b5013, PoolError.RenegotiateNotFound, "TLS Pool cannot find the connection to renegotiate"),
        (0xba6b5014, PoolError.RenegotiateNotInterruptable, "TLS Pool cannot interrupt the connection to renegotiate"),
        (0xba6b5015, PoolError.RenegotiateWouldBeInsecure, "TLS Pool cannot ask peer for secure renegotiation"),
        (0xba6b5016, PoolError.ConnectionHandlerSetup, "TLS Pool failed to setup the connection handler"),
        (0xba6b5017, PoolError.ConnectionDriverSetup, "TLS Pool failed to setup the TLS driver"),
        (0xba6b5018, PoolError.StirredNotShaken, "TLS Pool and peer failed during the TLS handshake"),
        (0xba6b5019, PoolError.PrngUnavailable, "TLS Pool cannot use pseudo-random number generator"),
        (0xba6b501a, PoolError.LidEntryNotVacant, "TLS Pool has no vacancy for localid selection"),
        (0xba6b501b, PoolError.PinEntryNotVacant, "TLS Pool has no vacancy for PIN entry"),
        (0xba6b501c, PoolError.InfoKindUnknown, "TLS Pool does not support that kind of info"),
        (0xba6b501d, PoolError.InfoNotFound, "TLS Pool cannot answer the info query"),
    ];

    private static IEnumerable<TestCaseData> NumberCases() => Numbers.Select(
        entry => new TestCaseData(entry.Number, entry.Value).SetArgDisplayNames(entry.Name));

    private static IEnumerable<TestCaseData> ErrorCases() => Errors.Select(
        entry => new TestCaseData(entry.Number, entry.Value, entry.Text).SetArgDisplayNames(entry.Value.ToString()));

    [TestCaseSource(nameof(NumberCases))]
    public void Name_has_the_published_number(uint number, Enum value) =>
        Assert.That(Convert.ToUInt32(value, System.Globalization.CultureInfo.InvariantCulture), Is.EqualTo(number));

    [TestCaseSource(nameof(ErrorCases))]
    public void Error_has_the_published_number_and_text(uint number, PoolError value, string text)
    {
        byte[] bytes = FrameSamples.Encode(new Frame(1, 0, Command.Error, new ErrorMessage(value, PoolErrorText.Describe(value))));
        Assert.Multiple(() =>
        {
            Assert.That(BitConverter.ToUInt32(bytes, 8), Is.EqualTo(number));
            Assert.That(System.Text.Encoding.ASCII.GetString(bytes, 12, text.Length + 1), Is.EqualTo(text + "\0"));
        });
    }

    [Test]
    public void No_name_is_left_out()
    {
        Type[] types = [typeof(Command), typeof(Facilities), typeof(StartTlsFlags), typeof(LidEntryFlags), typeof(InfoKind)];
        Assert.Multiple(() =>
        {
            foreach (Type type in types)
            {
                // Facilities.StartTls and AllCurrent are one number: names have to be counted, not values.
                int listed = Numbers.Count(entry => entry.Value.GetType() == type);
                Assert.That(Enum.GetNames(type).Except(["None"]).Count(), Is.EqualTo(listed), type.Name);
            }
            Assert.That(Errors.Select(entry => entry.Value), Is.EquivalentTo(Enum.GetValues<PoolError>().Except([PoolError.None])));
        });
    }

    [Test]
    public void Flags_reach_their_bytes_one_by_one()
    {
        foreach (StartTlsFlags flag in Enum.GetValues<StartTlsFlags>())
        {
            byte[] bytes = FrameSamples.Encode(new Frame(1, 0, Command.StartTls, FrameSamples.StartTls with { Flags = flag }));
            Assert.That(BitConverter.ToUInt32(bytes, 8), Is.EqualTo((uint)flag));
        }
        foreach (InfoKind kind in Enum.GetValues<InfoKind>())
        {
            byte[] bytes = FrameSamples.Encode(new Frame(1, 0, Command.Info, new InfoMessage(default, kind, 0, default)));
            Assert.That(BitConverter.ToUInt32(bytes, 24), Is.EqualTo((uint)kind));
        }
    }

    [Test]
    public void Sizes_and_timeouts_are_the_published_ones() => Assert.Multiple(() =>
    {
        Assert.That(ControlKey.Size, Is.EqualTo(0x10), "TLSPOOL_CTLKEYLEN");
        Assert.That(StartTlsMessage.ServiceSize, Is.EqualTo(0x10), "TLSPOOL_SERVICELEN");
        Assert.That(PrngMessage.BufferSize, Is.EqualTo(0x15e), "TLSPOOL_PRNGBUFLEN");
        Assert.That(InfoMessage.BufferSize, Is.EqualTo(0x14e), "TLSPOOL_INFOBUFLEN");
        Assert.That(StartTlsMessage.TimeoutDefault, Is.Zero, "TLSPOOL_TIMEOUT_DEFAULT");
        Assert.That(StartTlsMessage.TimeoutInfinite, Is.EqualTo(0xffffffff), "TLSPOOL_TIMEOUT_INFINITE");
        Assert.That(PingMessage.IdentityV2, Is.EqualTo("20151111api@tlspool.arpa2.net"), "TLSPOOL_IDENTITY_V2");
    });
}
