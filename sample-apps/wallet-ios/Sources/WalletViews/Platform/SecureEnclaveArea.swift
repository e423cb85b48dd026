// The phone's key store: keys in the Secure Enclave, and bytes in the key chain that stay on this phone.

#if canImport(LocalAuthentication) && canImport(Security)
import CryptoKit
import Foundation
import Kist
import LocalAuthentication
import Security

/// Keys in the Secure Enclave. The one by which the phone's own lock opens the store asks for the person's presence. The one
/// that guards the passphrase doesn't, nor do those that sign for the backup, so that it runs while nobody looks.
struct SecureEnclaveArea: SecureArea {
    private static let context = Data("org.kist.wallet sealed 1".utf8)
    /// The length of a public key of P-256, uncompressed.
    private static let pointLength = 65

    /// Nil where the phone has no Secure Enclave: a simulator.
    init?() {
        guard SecureEnclave.isAvailable else { return nil }
    }

    func seal(_ secret: Data) throws(KeyStoreError) -> Data { try seal(secret, .plain) }

    func sealForPresence(_ secret: Data) throws(KeyStoreError) -> Data { try seal(secret, .presence) }

    func open(_ sealed: Data) throws(KeyStoreError) -> Data {
        guard let way = sealed.first.flatMap(Way.init(rawValue:)) else { throw .invalidated }
        return try asked {
            let (point, box) = (sealed.dropFirst().prefix(Self.pointLength), sealed.dropFirst(1 + Self.pointLength))
            let ephemeral = try P256.KeyAgreement.PublicKey(x963Representation: point)
            let shared = try key(way).sharedSecretFromKeyAgreement(with: ephemeral)
            return try AES.GCM.open(AES.GCM.SealedBox(combined: box), using: Self.sealingKey(shared))
        }
    }

    /// Which key opens what was sealed; its first byte.
    private enum Way: UInt8 {
        case plain = 0
        case presence = 1
    }

    private func seal(_ secret: Data, _ way: Way) throws(KeyStoreError) -> Data {
        try asked {
            let ephemeral = P256.KeyAgreement.PrivateKey()
            let shared = try ephemeral.sharedSecretFromKeyAgreement(with: key(way).publicKey)
            guard let box = try AES.GCM.seal(secret, using: Self.sealingKey(shared)).combined else {
                throw KeyStoreError.unavailable
            }
            return Data([way.rawValue]) + ephemeral.publicKey.x963Representation + box
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

    private func key(_ way: Way) throws -> SecureEnclave.P256.KeyAgreement.PrivateKey {
        let item = KeyChainItem("key.open.\(way.rawValue)")
        if let kept = try item.read() { return try .init(dataRepresentation: kept) }
        let access =
            switch way {
            case .plain: try Self.access(kSecAttrAccessibleAfterFirstUnlockThisDeviceOnly, .privateKeyUsage)
            case .presence:
                try Self.access(kSecAttrAccessibleWhenUnlockedThisDeviceOnly, [.privateKeyUsage, .userPresence])
            }
        let key = try SecureEnclave.P256.KeyAgreement.PrivateKey(accessControl: access)
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
