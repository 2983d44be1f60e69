<?php

declare(strict_types=1);

namespace CrowdSky\Pages;

use CrowdSky\Accounts\User;
use CrowdSky\Accounts\Visitor;
use CrowdSky\Base\Format;
use CrowdSky\Http\Response;

/** Renders pages: a template inside the layout, with the values that every page needs. */
final class View
{
    private function __construct(
        private readonly ?User $user,
        private readonly ?string $csrfToken,
        private readonly ?Visitor $visitor,
    ) {
    }

    public static function of(Visitor $visitor): self
    {
        return new self($visitor->user(), $visitor->csrfToken(), $visitor);
    }

    /**
     * @param string $template file name in templates/ without .php
     * @param array<string, mixed> $values become the template's variables
     * @param Veil|null $veil hides what the reader may not read, in the title and in every value that is escaped
     */
    public function page(string $template, string $title, array $values = [], ?Veil $veil = null): Response
    {
        return Response::html($this->html($template, $title, $values + ['veil' => $veil]));
    }

    /** The page for an error, as App::handle takes it. */
    public static function errorPage(int $status, string $message, ?string $reference): string
    {
        $values = ['status' => $status, 'message' => $message, 'reference' => $reference];

        return (new self(null, null, null))->html('error', "Error $status", $values);
    }

    /** @param array<string, mixed> $values */
    private function html(string $template, string $title, array $values): string
    {
        $shared = ['user' => $this->user, 'csrfToken' => $this->csrfToken, 'veil' => $values['veil'] ?? null];
        $content = self::render($template, $values + $shared);

        $notes = $this->visitor === null ? [] : Notes::take($this->visitor);
        $frame = ['title' => $title, 'section' => $template, 'content' => $content, 'notes' => $notes];

        return self::render('layout', $frame + $shared);
    }

    /**
     * Runs a template. It gets its values, `$e` to escape a value, `$time` to show a stored time, and `$partial` to
     * include another template, which gets the same plus its own values.
     *
     * @param array<string, mixed> $values
     */
    private static function render(string $template, array $values): string
    {
        $e = static fn (string|int|float|null $value): string => self::escape($values['veil']?->hide((string) $value) ?? $value);
        $time = static fn (?string $utc): string => $utc === null
            ? Format::NONE
            : '<time datetime="' . $e(Format::datetime($utc)) . '">' . $e(Format::time($utc)) . '</time>';
        $partial = static fn (string $name, array $more): string => self::render($name, $more + $values);
        extract($values, EXTR_SKIP);
        ob_start();
        try {
            require dirname(__DIR__, 2) . "/templates/$template.php";
        } finally {
            $html = (string) ob_get_clean();
        }

        return $html;
    }

    private static function escape(string|int|float|null $value): string
    {
        return htmlspecialchars((string) $value, ENT_QUOTES | ENT_SUBSTITUTE | ENT_HTML5, 'UTF-8');
    }
}
