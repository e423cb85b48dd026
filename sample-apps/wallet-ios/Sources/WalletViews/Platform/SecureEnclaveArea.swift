// The phone's key store: keys in the Secure Enclave, and bytes in the key chain that stay on this phone.

#if canImport(LocalAuthentication) && canImport(Security)
import CryptoKit
import Foundation
import Kist
import LocalAuthentication
import Security

/// Keys in the Secure Enclave. The one that opens the store asks for the person's presence; those that sign for the backup
/// don't, so that it runs while nobody looks.
struct SecureEnclaveArea: SecureArea {
    private static let opening = "open"
    private static let context = Data("org.kist.wallet device unlock 1".utf8)
    /// The length of a public key of P-256, uncompressed.
    private static let pointLength = 65

    /// Nil where the phone has no Secure Enclave: a simulator.
    init?() {
        guard SecureEnclave.isAvailable else { return nil }
    }

    func seal(_ secret: Data) throws(KeyStoreError) -> Data {
        try asked {
            let key = try openingKey().publicKey
            let ephemeral = P256.KeyAgreement.PrivateKey()
            let shared = try ephemeral.sharedSecretFromKeyAgreement(with: key)
            guard let box = try AES.GCM.seal(secret, using: Self.sealingKey(shared)).combined else {
                throw KeyStoreError.unavailable
            }
            return ephemeral.publicKey.x963Representation + box
        }
    }

    func open(_ sealed: Data) throws(KeyStoreError) -> Data {
        try asked {
            let ephemeral = try P256.KeyAgreement.PublicKey(x963Representation: sealed.prefix(Self.pointLength))
            let shared = try openingKey().sharedSecretFromKeyAgreement(with: ephemeral)
            let box = try AES.GCM.SealedBox(combined: sealed.dropFirst(Self.pointLength))
            return try AES.GCM.open(box, using: Self.sealingKey(shared))
        }
    }

    func signingKey(named name: String) throws(KeyStoreError) -> Data {
        try asked { try key(forSigning: name).publicKey.x963Representation }
    }

    func sign(_ message: Data, withKeyNamed name: String) throws(KeyStoreError) -> Data {
        try asked { try key(forSigning: name).signature(for: message).rawRepresentation }
    }

    private static func sealingKey(_ shared: SharedSecret) -> SymmetricKey {
        shared.hkdfDerivedSymmetricKey(using: SHA256.self, salt: Data(), sharedInfo: context, outputByteCount: 32)
    }

    private func openingKey() throws -> SecureEnclave.P256.KeyAgreement.PrivateKey {
        let item = KeyChainItem("key.\(Self.opening)")
        if let kept = try item.read() { return try .init(dataRepresentation: kept) }
        let key = try SecureEnclave.P256.KeyAgreement.PrivateKey(
            accessControl: Self.access(kSecAttrAccessibleWhenUnlockedThisDeviceOnly, [.privateKeyUsage, .userPresence]))
        try item.write(key.dataRepresentation)
        return key
    }

    private func key(forSigning name: String) throws -> SecureEnclave.P256.Signing.PrivateKey {
        let item = KeyChainItem("key.sign.\(name)")
        if let kept = try item.read() { return try .init(dataRepresentation: kept) }
        let key = try SecureEnclave.P256.Signing.PrivateKey(
            accessControl: Self.access(kSecAttrAccessibleAfterFirstUnlockThisDeviceOnly, .privateKeyUsage))
        try item.write(key.dataRepresentation)
        return key
    }

    private static func access(_ when: CFString, _ flags: SecAccessControlCreateFlags) throws -> SecAccessControl {
        guard let access = SecAccessControlCreateWithFlags(nil, when, flags, nil) else { throw KeyStoreError.unavailable }
        return access
    }
}

/// The bytes by which a store that was put back is noticed.
struct KeyChainState: SmallState {
    private let item = KeyChainItem("state")

    func read() throws(KeyStoreError) -> Data? { try asked { try item.read() } }

    func write(_ state: Data) throws(KeyStoreError) { try asked { try item.write(state) } }
}

/// An item of the key chain. It is in no backup of the phone and moves to no other.
struct KeyChainItem: Sendable {
    private let account: String

    init(_ account: String) { self.account = account }

    private var query: [CFString: Any] {
        [kSecClass: kSecClassGenericPassword, kSecAttrService: "org.kist.wallet", kSecAttrAccount: account]
    }

    func read() throws -> Data? {
        var found: CFTypeRef?
        let status = SecItemCopyMatching(query.merging([kSecReturnData: true]) { $1 } as CFDictionary, &found)
        if status == errSecItemNotFound { return nil }
        guard status == errSecSuccess else { throw KeyChainError(status: status) }
        return found as? Data
    }

    func write(_ data: Data?) throws {
        guard let data else {
            SecItemDelete(query as CFDictionary)
            return
        }
        let status = SecItemUpdate(query as CFDictionary, [kSecValueData: data] as CFDictionary)
        guard status == errSecItemNotFound else {
            if status != errSecSuccess { throw KeyChainError(status: status) }
            return
        }
        let new: [CFString: Any] = [
            kSecValueData: data, kSecAttrAccessible: kSecAttrAccessibleAfterFirstUnlockThisDeviceOnly,
        ]
        let added = SecItemAdd(query.merging(new) { $1 } as CFDictionary, nil)
        guard added == errSecSuccess else { throw KeyChainError(status: added) }
    }
}

private struct KeyChainError: Error {
    let status: OSStatus
}

/// Runs a call of the platform, with its errors as the SDK knows them.
private func asked<Value>(_ call: () throws -> Value) throws(KeyStoreError) -> Value {
    do {
        return try call()
    } catch let error as KeyStoreError {
        throw error
    } catch let error as KeyChainError where error.status == errSecInteractionNotAllowed {
        throw .locked
    } catch is LAError {
        throw .locked
    } catch is CryptoKitError {
        // The platform threw the key away, or these bytes were sealed on another phone.
        throw .invalidated
    } catch {
        throw .unavailable
    }
}
#endif
