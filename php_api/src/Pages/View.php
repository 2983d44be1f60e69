<?php

declare(strict_types=1);

namespace CrowdSky\Pages;

use CrowdSky\Accounts\User;
use CrowdSky\Accounts\Visitor;
use CrowdSky\Base\Format;
use CrowdSky\Http\Language;
use CrowdSky\Http\OwnPage;
use CrowdSky\Http\Request;
use CrowdSky\Http\Response;
use CrowdSky\Http\Theme;
use CrowdSky\Kernel\App;

/** Renders pages: a template inside the layout, with the values that every page needs. */
final class View
{
    /** @param Visitor|null $noted whose notes this page shows; null for none */
    private function __construct(
        private readonly ?User $user,
        private readonly ?string $csrfToken,
        private readonly Request $request,
        private readonly Texts $texts,
        private readonly ?Visitor $noted,
    ) {
    }

    public static function of(Visitor $visitor): self
    {
        return new self($visitor->user(), $visitor->csrfToken(), $visitor->request, Texts::of($visitor->request), $visitor);
    }

    /** The sentences in the reader's language, for what a page itself puts into words. */
    public function texts(): Texts
    {
        return $this->texts;
    }

    /**
     * @param string $template file name in templates/ without .php
     * @param string $title in English; translated if it is one of our sentences
     * @param array<string, mixed> $values become the template's variables
     * @param Veil|null $veil hides what the reader may not read, in the title and in every value that is escaped
     * @param PreviewCard|null $card for whoever gets the page's address
     */
    public function page(string $template, string $title, array $values = [], ?Veil $veil = null, ?PreviewCard $card = null): Response
    {
        return Response::html($this->html($template, $title, $values + ['veil' => $veil], $card));
    }

    /**
     * The page for an error, as App::handle takes it: with the navigation of whoever is logged in.
     *
     * @param App|null $app null when nothing else of the site is to be tried
     */
    public static function errorPage(int $status, string $message, ?string $reference, Request $request, ?App $app): string
    {
        $view = self::besideAnError($request, $app);
        $values = ['status' => $status, 'message' => $message, 'reference' => $reference];

        return $view->html('error', $view->texts->say('Error {status}', ['status' => $status]), $values);
    }

    /** The view of a reader whose login may not be readable, because what holds it has failed. Notes wait for a page. */
    private static function besideAnError(Request $request, ?App $app): self
    {
        $user = $csrfToken = null;
        try {
            $visitor = $app === null ? null : Visitor::of($app, $request);
            [$user, $csrfToken] = [$visitor?->user(), $visitor?->csrfToken()];
        } catch (\Throwable) {
            // The error that is being answered is the one to report.
        }

        return new self($user, $csrfToken, $request, Texts::of($request), null);
    }

    /** @param array<string, mixed> $values */
    private function html(string $template, string $title, array $values, ?PreviewCard $card = null): string
    {
        $shared = [
            'user' => $this->user,
            'csrfToken' => $this->csrfToken,
            'language' => $this->texts->language,
            'texts' => $this->texts,
            'veil' => $values['veil'] ?? null,
            'root' => $this->root(),
        ];
        $content = self::render($template, $values + $shared);
        $frame = [
            'title' => $this->texts->say($title),
            'section' => $template,
            'content' => $content,
            'card' => $card,
            'notes' => $this->noted === null ? [] : Notes::take($this->noted),
            'here' => $this->here(),
            'languages' => Language::cases(),
            'theme' => Theme::of($this->request),
            'themes' => Theme::cases(),
            'styles' => StyleSheets::names(),
        ];

        return self::render('layout', $frame + $shared);
    }

    /** What leads from the address that was asked for back to the folder of the site, such as `../`: only an error is shown elsewhere. */
    private function root(): string
    {
        $path = (string) parse_url($this->request->target(), PHP_URL_PATH);
        $folder = rtrim(dirname($this->request->script()), '/');
        $below = str_starts_with($path, "$folder/") ? substr($path, strlen("$folder/")) : '';

        return str_repeat('../', substr_count($below, '/'));
    }

    /** Address of this page for a form that leads back to it, relative to the site. */
    private function here(): string
    {
        $query = $this->request->method() === 'GET' ? (string) parse_url($this->request->target(), PHP_URL_QUERY) : '';

        return OwnPage::named(basename($this->request->script()) . ($query === '' ? '' : "?$query")) ?? 'index.php';
    }

    /**
     * Runs a template. It gets its values, `$t` for a sentence in the reader's language, `$e` to escape a value, `$time`
     * to show a stored time, and `$partial` to include another template, which gets the same plus its own values.
     *
     * @param array<string, mixed> $values
     */
    private static function render(string $template, array $values): string
    {
        $e = static fn (string|int|float|null $value): string => self::escape($values['veil']?->hide((string) $value) ?? $value);
        $t = new TemplateTexts($values['texts'], $e);
        $time = static fn (?string $utc): Html => new Html($utc === null
            ? Format::NONE
            : '<time datetime="' . $e(Format::datetime($utc)) . '">' . $e(Format::time($utc)) . '</time>');
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
