using System.Globalization;
using Net.Pkcs11Interop.Common;

namespace TlsPool.Crypto.Tokens.Pkcs11;

/// <summary>What return values of PKCS #11 (section 5.1 of its base specification) mean to the pool.</summary>
internal static class Pkcs11Faults
{
    /// <summary>True for what Pkcs11Interop throws when a module does not do its work.</summary>
    internal static bool IsFromModule(Exception exception) => exception is Pkcs11Exception or UnmanagedException or AttributeValueException
        or LibraryArchitectureException or ObjectDisposedException;

    /// <summary>The exception of this project for one of Pkcs11Interop.</summary>
    /// <param name="exception">What was thrown.</param>
    /// <param name="who">Token or module, for the message.</param>
    internal static TokenException Translate(Exception exception, string who)
    {
        if (exception is not Pkcs11Exception { RV: var value, Method: var method })
            return new TokenException(TokenFault.SessionLost, $"{who}: {exception.Message}", exception);
        string words = string.Create(CultureInfo.InvariantCulture, $"{who}: {method} answers {value} (0x{(ulong)value:x})");
        return new TokenException(Fault(value), words, exception);
    }

    private static TokenFault Fault(CKR value) => value switch
    {
        CKR.CKR_TOKEN_NOT_PRESENT or CKR.CKR_TOKEN_NOT_RECOGNIZED or CKR.CKR_DEVICE_REMOVED or CKR.CKR_DEVICE_ERROR
            or CKR.CKR_SLOT_ID_INVALID => TokenFault.Removed,
        CKR.CKR_SESSION_HANDLE_INVALID or CKR.CKR_SESSION_CLOSED or CKR.CKR_CRYPTOKI_NOT_INITIALIZED or CKR.CKR_GENERAL_ERROR
            or CKR.CKR_KEY_HANDLE_INVALID or CKR.CKR_OBJECT_HANDLE_INVALID or CKR.CKR_OPERATION_ACTIVE => TokenFault.SessionLost,
        CKR.CKR_USER_NOT_LOGGED_IN or CKR.CKR_PIN_EXPIRED or CKR.CKR_USER_PIN_NOT_INITIALIZED => TokenFault.NotLoggedIn,
        CKR.CKR_PIN_INCORRECT or CKR.CKR_PIN_LEN_RANGE or CKR.CKR_PIN_INVALID => TokenFault.WrongPin,
        CKR.CKR_PIN_LOCKED => TokenFault.PinLocked,
        CKR.CKR_MECHANISM_INVALID or CKR.CKR_MECHANISM_PARAM_INVALID or CKR.CKR_KEY_TYPE_INCONSISTENT or CKR.CKR_KEY_FUNCTION_NOT_PERMITTED
            or CKR.CKR_KEY_SIZE_RANGE or CKR.CKR_FUNCTION_NOT_SUPPORTED => TokenFault.MechanismMissing,
        CKR.CKR_SESSION_COUNT => TokenFault.Busy,
        _ => TokenFault.Failed,
    };
}
