package org.kist.wallet.connections

import org.kist.ConnectionAct
import org.kist.ConnectionState
import org.kist.FieldPattern
import org.kist.Person
import org.kist.Rule

// Blocking an organisation: its mailbox is left alone, and a rule gives it nothing. What was agreed stays agreed, and can be
// withdrawn; what it sent meanwhile waits with the relay.

/** Blocks an organisation, and puts away what waits of it. */
suspend fun Person.block(organisationId: String) {
    if (organisationId !in blocked()) rules.add(Rule.Never(FieldPattern(), organisationId))
    changeAll(organisationId, ConnectionState.OPEN, ConnectionAct.PAUSE)
    inbox.items().filter { it.organisationId == organisationId }.forEach { inbox.dismiss(it.id) }
}

/** Takes that back. */
suspend fun Person.unblock(organisationId: String) {
    rules.list().filter { it.rule.blocks() == organisationId }.forEach { rules.remove(it.id) }
    changeAll(organisationId, ConnectionState.PAUSED, ConnectionAct.RESUME)
}

/** The ids of the organisations that are blocked. */
suspend fun Person.blocked(): Set<String> = rules.list().mapNotNull { it.rule.blocks() }.toSet()

private suspend fun Person.changeAll(organisationId: String, from: ConnectionState, act: ConnectionAct) =
    connections.list().filter { it.organisationId == organisationId && it.state == from }
        .forEach { connections.change(it.id, act) }

/** The organisation that a rule gives nothing of any kind. */
private fun Rule?.blocks(): String? = (this as? Rule.Never)?.takeIf { it.what == FieldPattern() }?.organisation
