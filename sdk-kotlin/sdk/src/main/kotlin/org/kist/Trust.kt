package org.kist

import org.kist.generated.CancelHandle

/** The frameworks that a store believes. */
class Trust internal constructor(
    private val add: suspend (String, CancelHandle) -> AnchorInfo,
    private val update: suspend (String, String, CancelHandle) -> AnchorInfo,
    private val refresh: suspend (String, CancelHandle) -> AnchorInfo,
    private val all: suspend (CancelHandle) -> List<AnchorInfo>,
    private val remove: suspend (String, CancelHandle) -> Unit,
    private val termsOf: suspend (String, CancelHandle) -> TermsInfo?,
    private val accept: suspend (String, String, CancelHandle) -> TermsInfo,
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

    /**
     * The terms of a framework that is believed, as its newest list has them; null where it has published none. Their texts
     * come with what the operator hands out ([addAnchor]), not with the list alone.
     */
    suspend fun terms(label: String): TermsInfo? = cancellable { termsOf(label, it) }

    /**
     * Accepts the terms of this hash, which are to be the ones in force and to have been shown. `NotFound` where there are no
     * such terms, or where their texts haven't come yet.
     */
    suspend fun acceptTerms(label: String, sha256: String): TermsInfo = cancellable { accept(label, sha256, it) }
}
