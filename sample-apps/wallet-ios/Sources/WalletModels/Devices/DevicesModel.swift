// The devices that may write to the backup.

import Kist
import Observation

/// The screen of devices.
@MainActor @Observable public final class DevicesModel {
    public let devices: Loader<[DeviceInfo]>

    public init(_ store: OpenStore) {
        let person = store.person
        devices = Loader(store.words) { try await person.backup.devices() }
    }

    public func load() async { await devices.load() }
}
