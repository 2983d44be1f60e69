// What is chosen in the gallery, as its address keeps it.

/** Fields of the address that decide which stacks match, besides their time. */
const FACTS = ["object", "telescope", "filter", "minutes", "seeing", "solved"];
const ORDERED = ["of", "view", ...FACTS, "from", "to", "order"];

/** The choice in the query of an address; empty fields are left out. */
export function choiceOf(query) {
    const given = new URLSearchParams(query);
    return Object.fromEntries(ORDERED.filter((name) => given.get(name)).map((name) => [name, given.get(name).trim()]));
}

/** The query of an address for a choice, without the question mark; always in the same order. */
export function queryOf(choice) {
    const query = new URLSearchParams();
    ORDERED.filter((name) => choice[name]).forEach((name) => query.set(name, choice[name]));
    return query.toString();
}

/** The query for the ids of all that match at any time; null when no fact narrows the stacks of the scope. */
export function factsQuery(choice) {
    const facts = FACTS.filter((name) => choice[name]);
    return facts.length === 0 ? null : queryOf(Object.fromEntries(["of", ...facts].map((name) => [name, choice[name]])));
}
