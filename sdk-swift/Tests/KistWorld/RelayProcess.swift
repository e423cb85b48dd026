// The relay's real program, run for a test.

import Foundation

/// A running relay. Nothing of it changes after it was started, and its process takes signals from any thread.
public final class RelayProcess: @unchecked Sendable {
    public let url: String
    public let data: URL
    private let process: Process

    /// Starts a relay over a folder; at an address, or at any that is free.
    public init(data: URL, address: String = "127.0.0.1:0", options: [String] = []) throws {
        guard let target = ProcessInfo.processInfo.environment["KIST_TARGET"] else {
            throw WorldError(description: "scripts/test sets KIST_TARGET")
        }
        let (process, output) = (Process(), Pipe())
        process.executableURL = URL(fileURLWithPath: target).appendingPathComponent("kist-relay")
        process.arguments = ["--listen", address, "--data", data.path, "--no-rate-limit"] + options
        // What tells push services wants an authority to believe, and a bare system has none.
        process.environment = ["SSL_CERT_FILE": authorityFile.path]
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try Self.unblocked { try process.run() }
        // Its one line says where it listens; it is there as soon as the relay is.
        var line = Data()
        while let byte = output.fileHandleForReading.readData(ofLength: 1).first, byte != UInt8(ascii: "\n") {
            line.append(byte)
        }
        let said = try JSONDecoder().decode([String: String].self, from: line)
        guard let url = said["url"] else { throw WorldError(description: "the relay doesn't say where it is") }
        (self.process, self.data, self.url) = (process, data, url)
    }

    /// Threads of Swift's pool block signals, and a child inherits that: the relay wouldn't hear that it is to stop.
    private static func unblocked(_ start: () throws -> Void) rethrows {
        var (none, usual) = (sigset_t(), sigset_t())
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, &usual)
        defer { pthread_sigmask(SIG_SETMASK, &usual, nil) }
        try start()
    }

    deinit {
        wake()
        if process.isRunning { process.terminate() }
    }

    /// Stops it as its operator would.
    public func stop() {
        process.terminate()
        process.waitUntilExit()
    }

    /// Lets it neither answer nor end, until ``wake()``.
    public func stun() { _ = process.suspend() }

    public func wake() { _ = process.resume() }

    /// Stops it, lets its folder be changed, and starts it where it was.
    public func restarted(_ change: (URL) throws -> Void) throws -> RelayProcess {
        stop()
        try change(data)
        return try RelayProcess(data: data, address: String(url.dropFirst("http://".count)))
    }
}
