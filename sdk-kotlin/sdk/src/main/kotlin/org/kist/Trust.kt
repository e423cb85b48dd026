package org.kist

import org.kist.generated.CancelHandle

/** The frameworks that a store believes. */
class Trust internal constructor(
    private val add: suspend (String, CancelHandle) -> AnchorInfo,
    private val update: suspend (String, String, CancelHandle) -> AnchorInfo,
    private val refresh: suspend (String, CancelHandle) -> AnchorInfo,
    private val all: suspend (CancelHandle) -> List<AnchorInfo>,
    private val remove: suspend (String, CancelHandle) -> Unit,
) {
    /** Believes a framework from now on: [bundle] is the JSON that its operator hands out. Its root is pinned. */
    suspend fun addAnchor(bundle: String): AnchorInfo = cancellable { add(bundle, it) }

    /** Takes a newer list, a compact JWS, of a framework that is believed. `RollbackDetected` for an older one. */
    suspend fun updateList(label: String, list: String): AnchorInfo = cancellable { update(label, list, it) }

    /** Fetches the newest list from where the framework publishes it. */
    suspend fun refresh(label: String): AnchorInfo = cancellable { refresh(label, it) }

    /** The frameworks that are believed. */
    suspend fun anchors(): List<AnchorInfo> = cancellable { all(it) }

    /** Believes a framework no longer. */
    suspend fun removeAnchor(label: String) = cancellable { remove(label, it) }
}
