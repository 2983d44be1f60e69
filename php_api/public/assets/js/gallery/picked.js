// The stacks that are selected, whatever page of the gallery they are on; kept until the tab is closed.

export class Picked {
    #ids;
    #storage;
    #key;
    #listeners = [];

    /** storage is the tab's, such as sessionStorage; key tells selections of different users and scopes apart. */
    constructor(storage, key) {
        this.#storage = storage;
        this.#key = key;
        this.#ids = new Set(JSON.parse(storage.getItem(key) ?? "[]"));
    }

    get size() {
        return this.#ids.size;
    }

    has(id) {
        return this.#ids.has(id);
    }

    /** All ids, the latest stacks first. */
    list() {
        return [...this.#ids].sort((a, b) => b - a);
    }

    set(id, isPicked) {
        isPicked ? this.#ids.add(id) : this.#ids.delete(id);
        this.#changed();
    }

    /** Selects some, beside those that are selected or instead of them. */
    take(ids, isAdded) {
        this.#ids = new Set(isAdded ? [...this.#ids, ...ids] : ids);
        this.#changed();
    }

    onChange(listener) {
        this.#listeners.push(listener);
    }

    #changed() {
        try {
            this.#storage.setItem(this.#key, JSON.stringify([...this.#ids]));
        } catch {
            // A full storage costs the selection of other pages only.
        }
        this.#listeners.forEach((listener) => listener());
    }
}
