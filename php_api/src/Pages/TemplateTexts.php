<?php

declare(strict_types=1);

namespace CrowdSky\Pages;

/**
 * `$t` of the templates: a sentence in the reader's language, ready to be printed.
 *
 * The sentences themselves are HTML, written by us: they may hold a link or <code>, and write & as &amp;. Their values
 * are escaped, unless they are pieces of HTML already.
 */
final class TemplateTexts
{
    /** @param \Closure(string|int|float|null): string $escape */
    public function __construct(private readonly Texts $texts, private readonly \Closure $escape)
    {
    }

    /** @param array<string, Html|string|int|float|null> $values by the name between the braces */
    public function __invoke(string $english, array $values = []): string
    {
        return Texts::fill($this->texts->translated($english), array_map($this->escaped(...), $values));
    }

    /**
     * The sentence that fits a number, which is the value `{n}`.
     *
     * @param array<string, Html|string|int|float|null> $values as for a sentence
     */
    public function count(int $n, string $one, string $many, array $values = []): string
    {
        return $this($n === 1 ? $one : $many, ['n' => $this->texts->number($n)] + $values);
    }

    /** A number as the language writes it. */
    public function number(int|float $number, int $decimals = 0): string
    {
        return $this->texts->number($number, $decimals);
    }

    /** The element from which assets/js/texts.js reads these sentences; one in a page. They are plain text, not HTML. */
    public function script(string ...$english): string
    {
        $sentences = [];
        foreach ($english as $sentence) {
            $sentences[$sentence] = $this->texts->translated($sentence);
        }
        $flags = JSON_THROW_ON_ERROR | JSON_HEX_TAG | JSON_HEX_AMP | JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE;
        $json = json_encode((object) $sentences, $flags);

        return "<script type=\"application/json\" id=\"texts\">$json</script>";
    }

    private function escaped(Html|string|int|float|null $value): string
    {
        return $value instanceof Html ? (string) $value : ($this->escape)($value);
    }
}
