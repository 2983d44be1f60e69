<?php

declare(strict_types=1);

namespace CrowdSky\Pages;

/**
 * Puts what a reader has sent back into the form of a page, with a message at the field that is wrong.
 *
 * It works on the finished page, so that each form needs to be written only once. The pages are our own: attributes are
 * in double quotes, and no form is inside another one. Passwords and files are not put back.
 */
final class FormFiller
{
    private const MESSAGE = 'form-problem';
    private const TAG = '/<(input|textarea|select)\b((?:[^">]|"[^"]*")*)>/';
    private const LEFT_ALONE = ['hidden', 'password', 'file', 'submit', 'reset', 'button'];

    private bool $isMarked = false;

    /**
     * @param \Closure(string): ?string $text what was sent in a field; null for nothing
     * @param \Closure(string): list<string> $texts what was sent in a field of several values, by its name without brackets
     * @param string $message plain text
     * @param string|null $field name of the field that is wrong, with the brackets of one of several values
     */
    public function __construct(
        private readonly \Closure $text,
        private readonly \Closure $texts,
        private readonly string $message,
        private readonly ?string $field,
    ) {
    }

    /** @param string $script name of the page that the form is sent to, such as account.php */
    public function fill(string $page, string $script): string
    {
        [$start, $end] = $this->find($page, $script) ?? [null, null];
        if ($start === null) {
            return (string) preg_replace('/<main id="content">/', '$0' . strtr($this->paragraph(), ['\\' => '\\\\', '$' => '\\$']), $page, 1);
        }
        $form = $this->filled(substr($page, $start, $end - $start));
        if (!$this->isMarked) {
            $form = $this->message($form);
        }

        return self::opened(substr($page, 0, $start)) . $form . substr($page, $end);
    }

    /** @return array{int, int}|null where the form that was sent begins and ends */
    private function find(string $page, string $script): ?array
    {
        $best = null;
        $most = -1;
        for ($at = 0; ($start = strpos($page, '<form', $at)) !== false; $at = $end) {
            $end = strpos($page, '</form>', $start);
            $end = $end === false ? strlen($page) : $end;
            $points = $this->likeness(substr($page, $start, $end - $start), $script);
            if ($points > $most) {
                [$best, $most] = [[$start, $end], $points];
            }
        }

        return $best;
    }

    /** How many of its fixed values were sent; -1 when others were. */
    private function likeness(string $form, string $script): int
    {
        $tag = self::attributes(substr($form, 0, (int) strpos($form, '>')));
        if (strtok($tag['action'] ?? '', '?#') !== $script) {
            return -1;
        }
        $points = 0;
        $choices = [];
        preg_match_all('/<(input|button)\b((?:[^">]|"[^"]*")*)>/', $form, $tags, PREG_SET_ORDER);
        foreach ($tags as [, $name, $text]) {
            $field = self::attributes($text);
            $isButton = $name === 'button' && isset($field['name']);
            if ((!$isButton && ($field['type'] ?? '') !== 'hidden') || in_array($field['name'] ?? 'csrf_token', ['csrf_token', 'return'], true)) {
                continue;
            }
            $sent = ($this->text)($field['name']);
            $isSame = $sent === ($field['value'] ?? '');
            $points += (int) $isSame;
            if ($isButton) {
                $choices[$field['name']] = ($choices[$field['name']] ?? false) || $isSame || $sent === null;
            } elseif ($sent !== null && !$isSame) {
                return -1;
            }
        }

        return in_array(false, $choices, true) ? -1 : $points;
    }

    private function filled(string $form): string
    {
        $filled = '';
        for ($at = 0; preg_match(self::TAG, $form, $match, PREG_OFFSET_CAPTURE, $at) === 1;) {
            [[$tag, $start], [$kind], [$text]] = $match;
            $end = $start + strlen($tag);
            $inside = '';
            if ($kind !== 'input') {
                $close = strpos($form, "</$kind>", $end);
                $close = $close === false ? $end : $close;
                $inside = substr($form, $end, $close - $end) . "</$kind>";
                $end = min(strlen($form), $close + strlen("</$kind>"));
            }
            $filled .= substr($form, $at, $start - $at) . $this->field($kind, $text, $inside);
            $at = $end;
        }
        $filled .= substr($form, $at);

        return $this->isMarked ? str_replace('<details class="more-filters">', '<details class="more-filters" open>', $filled) : $filled;
    }

    private function field(string $kind, string $text, string $inside): string
    {
        $attributes = self::attributes($text);
        $name = $attributes['name'] ?? '';
        $type = $kind === 'input' ? $attributes['type'] ?? 'text' : $kind;
        $filled = match (true) {
            $name === '' || in_array($type, self::LEFT_ALONE, true) => "<$kind$text>$inside",
            in_array($type, ['checkbox', 'radio'], true) => "<input{$this->ticked($text, $name, $attributes['value'] ?? 'on')}>",
            $type === 'select' => "<select$text>" . $this->chosen($inside, $name),
            $type === 'textarea' => "<textarea$text>" . (($sent = ($this->text)($name)) === null ? $inside : self::escape($sent) . '</textarea>'),
            default => "<input{$this->entered($text, $name)}>",
        };

        return $name === $this->field && !$this->isMarked && $type !== 'hidden' ? $this->marked($filled, $type) : $filled;
    }

    private function ticked(string $text, string $name, string $value): string
    {
        $sent = str_ends_with($name, '[]') ? ($this->texts)(substr($name, 0, -2)) : [($this->text)($name)];
        $plain = (string) preg_replace('/ checked(?=\s|$)/', '', $text);

        return in_array($value, $sent, true) ? "$plain checked" : $plain;
    }

    private function chosen(string $inside, string $name): string
    {
        $sent = ($this->text)($name);
        if ($sent === null) {
            return $inside;
        }

        return (string) preg_replace_callback('/<option\b((?:[^">]|"[^"]*")*)>([^<]*)/', static function (array $match) use ($sent): string {
            $value = self::attributes($match[1])['value'] ?? html_entity_decode(trim($match[2]), ENT_QUOTES | ENT_HTML5, 'UTF-8');
            $plain = (string) preg_replace('/ selected(?=\s|$)/', '', $match[1]);

            return '<option' . $plain . ($value === $sent ? ' selected' : '') . ">$match[2]";
        }, $inside);
    }

    private function entered(string $text, string $name): string
    {
        $sent = ($this->text)($name);
        if ($sent === null) {
            return $text;
        }

        return (string) preg_replace('/\svalue="[^"]*"/', '', $text) . ' value="' . self::escape($sent) . '"';
    }

    /** The field with the message: behind it, or before a group of choices. */
    private function marked(string $field, string $type): string
    {
        $this->isMarked = true;
        $message = '<span class="field-problem" role="alert" id="' . self::MESSAGE . '">' . self::escape($this->message) . '</span>';
        $described = preg_replace('/aria-describedby="/', '$0' . self::MESSAGE . ' ', $field, 1, $count);
        $described = $count === 1 ? $described : preg_replace('/^<\w+/', '$0 aria-describedby="' . self::MESSAGE . '"', $field);
        $described = preg_replace('/^<\w+/', '$0 aria-invalid="true" autofocus', (string) $described);

        return in_array($type, ['checkbox', 'radio'], true) ? $message . $described : $described . $message;
    }

    private function message(string $form): string
    {
        $begin = (int) strpos($form, '>') + 1;

        return substr($form, 0, $begin) . $this->paragraph() . substr($form, $begin);
    }

    private function paragraph(): string
    {
        return '<p class="problem" role="alert" id="' . self::MESSAGE . '">' . self::escape($this->message) . '</p>';
    }

    /** Opens what hides the form, if it is folded away. */
    private static function opened(string $before): string
    {
        $details = strrpos($before, '<details');
        if ($details === false || strpos($before, '</details>', $details) !== false) {
            return $before;
        }
        $end = (int) strpos($before, '>', $details);

        return str_contains(substr($before, $details, $end - $details), ' open') ? $before : substr($before, 0, $end) . ' open' . substr($before, $end);
    }

    /** @return array<string, string> */
    private static function attributes(string $text): array
    {
        preg_match_all('/\s([a-z-]+)="([^"]*)"/', $text, $found, PREG_SET_ORDER);
        $attributes = [];
        foreach ($found as [, $name, $value]) {
            $attributes[$name] = html_entity_decode($value, ENT_QUOTES | ENT_HTML5, 'UTF-8');
        }

        return $attributes;
    }

    private static function escape(string $text): string
    {
        return htmlspecialchars($text, ENT_QUOTES | ENT_SUBSTITUTE | ENT_HTML5, 'UTF-8');
    }
}
