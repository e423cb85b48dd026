// Carries the cancellation of a Swift Task into the core.

import KistGenerated

/// Runs a call of the core, giving it a handle that is cancelled when the surrounding Task is.
///
/// The generated code doesn't watch the Task: without the handle, a cancelled call would run on to its end.
func cancellable<Value: Sendable>(
    _ call: (CancelHandle) async throws -> Value
) async throws -> Value {
    let handle = try CancelHandle()
    return try await withTaskCancellationHandler {
        try await call(handle)
    } onCancel: {
        try? handle.cancel() // fails only when the core is broken, and then the call does too
    }
}
