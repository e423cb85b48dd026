package org.kist.android.keys

import org.junit.jupiter.api.Assertions.assertArrayEquals
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows
import org.kist.KeyStoreException

/** The few bytes that can't be put back, in the key store's list. */
class KeyStoreSmallStateTest {
    private val keys = GuardedKeys()
    private val state = KeyStoreSmallState(keys)

    /** A key store in which the process is killed when it deletes. */
    private fun killedWhenDeleting(act: () -> Unit) {
        keys.deletes = false
        act()
        keys.deletes = true
    }

    @Test
    fun a26_what_was_last_written_is_read_and_nothing_before_it_is_left() {
        assertNull(state.read())
        for (value in listOf(byteArrayOf(1), ByteArray(64) { -1 }, byteArrayOf(), byteArrayOf(2))) {
            state.write(value)
            assertArrayEquals(value, KeyStoreSmallState(keys).read())
            assertEquals(1, keys.aliases.size)
        }
    }

    @Test
    fun a26_killed_between_the_new_state_and_the_old_ones_end_the_new_one_counts() {
        state.write(byteArrayOf(9))
        killedWhenDeleting { state.write(byteArrayOf(1)) }
        assertEquals(2, keys.aliases.size)
        assertArrayEquals(byteArrayOf(1), state.read(), "the later one, though it is the smaller")
        state.write(byteArrayOf(1))
        assertEquals(1, keys.aliases.size, "the next write clears up")
        assertArrayEquals(byteArrayOf(1), state.read())
    }

    @Test
    fun a26_a_failed_write_leaves_the_state_before_it() {
        state.write(byteArrayOf(1))
        val broken = object : DeviceKeys by keys {
            override fun makeMarker(alias: String) = throw java.security.ProviderException("full")
        }
        assertThrows<KeyStoreException.Unavailable> { KeyStoreSmallState(broken).write(byteArrayOf(2)) }
        assertArrayEquals(byteArrayOf(1), state.read())
    }

    @Test
    fun a26_the_order_holds_beyond_nine_and_beyond_sixteen_writes() {
        repeat(40) { n ->
            killedWhenDeleting { state.write(byteArrayOf(n.toByte())) }
            assertArrayEquals(byteArrayOf(n.toByte()), state.read())
        }
    }

    @Test
    fun s5_what_has_not_changed_makes_no_key() {
        state.write(byteArrayOf(1))
        repeat(3) { state.write(byteArrayOf(1)) }
        assertEquals(1, keys.made)
    }

    @Test
    fun s5_two_stores_have_states_of_their_own_and_other_keys_are_left_alone() {
        val practice = KeyStoreSmallState(keys, "practice")
        keys.makeMarker("kist.wrap")
        keys.makeMarker("kist.state.person.nonsense")
        state.write(byteArrayOf(1))
        assertNull(practice.read())
        practice.write(byteArrayOf(2))
        state.write(byteArrayOf(3))
        assertArrayEquals(byteArrayOf(2), practice.read())
        assertArrayEquals(byteArrayOf(3), state.read())
        assertEquals(setOf("kist.wrap", "kist.state.person.nonsense"), keys.aliases.filterNot { it.count { c -> c == '.' } == 4 }.toSet())
    }

    @Test
    fun s1_more_than_it_holds_is_refused() {
        assertThrows<KeyStoreException.Unavailable> { state.write(ByteArray(65)) }
        assertThrows<IllegalArgumentException> { KeyStoreSmallState(keys, "a.b") }
        assertNull(state.read())
    }
}
