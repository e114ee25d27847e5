using System.Text;
using Net.Pkcs11Interop.Common;
using Net.Pkcs11Interop.HighLevelAPI;
using Net.Pkcs11Interop.HighLevelAPI.Factories;
using TlsPool.Crypto.Keys;

namespace TlsPool.Crypto.Tokens.Pkcs11;

/// <summary>A session of one thread with a token. Remembers where keys are.</summary>
internal sealed class Pkcs11Session : ITokenSession
{
    private const int MaxKeys = 1024;
    private const int MaxLabel = 200;
    private const int IdSize = 16;

    private readonly Pkcs11Token _token;
    private readonly ISession _session;
    private readonly int _generation;
    private readonly Dictionary<KeyReference, FoundKey> _found = [];

    internal Pkcs11Session(Pkcs11Token token, ISession session) =>
        (_token, _session, _generation) = (token, session, token.Module.Generation);

    public KeyDescription Describe(KeyReference key)
    {
        FoundKey found = Find(key);
        return new KeyDescription(
            key,
            found.Algorithm,
            Call(_ => Pkcs11PublicKey.Read(_session, Attributes, found)),
            Pkcs11Signing.SchemesOf(found.Algorithm, _token.Mechanisms));
    }

    public byte[] Sign(SignatureRequest request)
    {
        FoundKey key = Find(request.Key);
        try
        {
            return Call(_ => Pkcs11Signing.Sign(_session, _token, key, request.Scheme, request.Content));
        }
        catch (TokenException exception) when (exception.InnerException is Pkcs11Exception { RV: CKR.CKR_KEY_HANDLE_INVALID or CKR.CKR_OBJECT_HANDLE_INVALID })
        {
            // Deleted meanwhile, or made anew under another handle.
            _found.Remove(request.Key);
            FoundKey again = Find(request.Key);
            return Call(_ => Pkcs11Signing.Sign(_session, _token, again, request.Scheme, request.Content));
        }
    }

    public KeyDescription Generate(KeyParameters parameters, string label)
    {
        if (label.Length is 0 or > MaxLabel)
            throw new TokenException(TokenFault.Failed, $"labels of keys have 1 to {MaxLabel} characters");
        var reference = new Pkcs11Uri
        {
            Token = _token.Description.Label,
            Manufacturer = _token.Description.Manufacturer,
            Model = _token.Description.Model,
            Serial = _token.Description.Serial,
            Object = label,
            Type = Pkcs11ObjectType.PrivateKey,
        }.ToKeyReference();
        if (Call(_ => Search(Pkcs11Uri.Parse(reference.Uri)).Count) > 0)
            throw new TokenException(TokenFault.Failed, $"{_token.Description} has a key \"{label}\" already");
        ISession writable = _token.OpenWritable();
        try
        {
            Call(_ =>
            {
                byte[] id = System.Security.Cryptography.RandomNumberGenerator.GetBytes(IdSize);
                Pkcs11Generation.Generate(writable, _token.Module.Factories, parameters, label, id);
                return 0;
            });
        }
        finally
        {
            _token.Close(writable, _generation);
        }
        return Describe(reference);
    }

    public IReadOnlyList<Pkcs11Uri> List() => Call(_ => Search(new Pkcs11Uri()).Select(key => new Pkcs11Uri
    {
        Token = _token.Description.Label,
        Manufacturer = _token.Description.Manufacturer,
        Model = _token.Description.Model,
        Serial = _token.Description.Serial,
        Object = key.Label.Length == 0 ? null : Encoding.UTF8.GetString(key.Label),
        Id = key.Id.Length == 0 ? null : key.Id,
        Type = Pkcs11ObjectType.PrivateKey,
    }).ToList());

    public void Remove(KeyReference key)
    {
        FoundKey found = Find(key);
        _found.Clear();
        ISession writable = _token.OpenWritable();
        try
        {
            Call(_ =>
            {
                // The public half first: alone it is of no use, and the private half can still be found if this fails.
                if (found.Id.Length > 0)
                {
                    List<IObjectAttribute> half = [Attributes.Create(CKA.CKA_CLASS, CKO.CKO_PUBLIC_KEY), Attributes.Create(CKA.CKA_ID, found.Id)];
                    foreach (IObjectHandle publicHalf in writable.FindAllObjects(half))
                        writable.DestroyObject(publicHalf);
                }
                writable.DestroyObject(found.Handle);
                return 0;
            });
        }
        finally
        {
            _token.Close(writable, _generation);
        }
    }

    public void Dispose() => _token.Close(_session, _generation);

    private IObjectAttributeFactory Attributes => _token.Module.Factories.ObjectAttributeFactory;

    private FoundKey Find(KeyReference key)
    {
        if (_found.TryGetValue(key, out FoundKey? known))
            return known;
        Pkcs11Uri uri = Parse(key);
        if (!uri.Matches(_token.Description))
            throw new TokenException(TokenFault.KeyNotFound, $"{key} is not in {_token.Description}");
        List<FoundKey> found = Call(_ => Search(uri));
        FoundKey only = found.Count switch
        {
            1 => found[0],
            0 => throw new TokenException(TokenFault.KeyNotFound, $"{_token.Description} has no private key {key}"),
            _ => throw new TokenException(TokenFault.KeyAmbiguous, $"{_token.Description} has several private keys {key}: say id= or object="),
        };
        if (_found.Count == MaxKeys)
            _found.Clear();
        return _found[key] = only;
    }

    private List<FoundKey> Search(Pkcs11Uri uri)
    {
        if (uri.Type is not (null or Pkcs11ObjectType.PrivateKey))
            return [];
        List<IObjectAttribute> wanted = [Attributes.Create(CKA.CKA_CLASS, CKO.CKO_PRIVATE_KEY)];
        if (uri.Object is { } label)
            wanted.Add(Attributes.Create(CKA.CKA_LABEL, Encoding.UTF8.GetBytes(label)));
        if (uri.Id is { } id)
            wanted.Add(Attributes.Create(CKA.CKA_ID, id.ToArray()));
        return [.. _session.FindAllObjects(wanted).Select(handle => FoundKey.Read(_session, handle)).OfType<FoundKey>()];
    }

    private static Pkcs11Uri Parse(KeyReference key)
    {
        try
        {
            return Pkcs11Uri.Parse(key.Uri);
        }
        catch (FormatException wrong)
        {
            throw new TokenException(TokenFault.KeyNotFound, $"{key}: {wrong.Message}", wrong);
        }
    }

    private T Call<T>(Func<ISlot, T> call) => _generation == _token.Module.Generation
        ? _token.Call(call)
        : throw new TokenException(TokenFault.SessionLost, $"{_token.Module.Path} was started again");
}
