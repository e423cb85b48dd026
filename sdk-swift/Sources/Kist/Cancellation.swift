// Calls of the core: their errors in this package's type, and the cancellation of a Swift Task carried into them.

import KistGenerated

/// Runs a call of the core, giving it a handle that is cancelled when the surrounding Task is.
///
/// The generated code doesn't watch the Task: without the handle, a cancelled call would run on to its end.
func cancellable<Value: Sendable>(
    _ call: (CancelHandle) async throws -> Value
) async throws(KistError) -> Value {
    do {
        let handle = try CancelHandle()
        return try await withTaskCancellationHandler {
            try await call(handle)
        } onCancel: {
            try? handle.cancel() // fails only when the core is broken, and then the call does too
        }
    } catch {
        throw KistError(error)
    }
}

/// Runs a call of the core that doesn't wait.
func immediate<Value>(_ call: () throws -> Value) throws(KistError) -> Value {
    do { return try call() } catch { throw KistError(error) }
}
