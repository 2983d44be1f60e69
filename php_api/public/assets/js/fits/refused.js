// A file that the site would refuse: the same code and the same English sentence as the site's own refusal.

export class FrameRefused extends Error {
    /**
     * @param {string} code of the refusal, as the site has it
     * @param {string} sentence English, with {name} for a value; the key of its translation
     * @param {Object<string, string|number>} values by name
     */
    constructor(code, sentence, values = {}) {
        super(sentence.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole));
        this.code = code;
        this.sentence = sentence;
        this.values = values;
    }
}
