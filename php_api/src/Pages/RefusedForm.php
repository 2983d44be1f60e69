<?php

declare(strict_types=1);

namespace CrowdSky\Pages;

use CrowdSky\Accounts\AccountRefused;
use CrowdSky\Base\Refusal;
use CrowdSky\Base\RefusalKind;
use CrowdSky\Http\Request;
use CrowdSky\Http\Response;
use CrowdSky\Pages\Account\RefusalWords;

/** A form that was not taken: its page comes again, with what was put in and the reason at the field. */
final class RefusedForm
{
    /**
     * @param \Closure(): Response $act does what the form asks for
     * @param \Closure(): Response $show the page with the form
     * @throws Refusal for what is no mistake in a form, such as a page that does not exist
     */
    public static function take(Request $request, \Closure $act, \Closure $show): Response
    {
        try {
            return $act();
        } catch (Refusal $refusal) {
            if (!$request->wantsPage() || !self::isMistake($refusal)) {
                throw $refusal;
            }

            return self::of($request, $refusal, $show());
        }
    }

    /** The page again, as the answer to a form whose values came by POST. */
    public static function of(Request $request, Refusal $refusal, Response $page): Response
    {
        return self::filled($request, $refusal, $page, $request->form(...), static fn (string $name): array => $request->formTexts($name));
    }

    /**
     * The page again, as the answer to a form whose values are in the address, such as filters.
     *
     * @throws Refusal to programs, which read no page
     */
    public static function inAddress(Request $request, Refusal $refusal, Response $page): Response
    {
        if (!$request->wantsPage()) {
            throw $refusal;
        }

        return self::filled($request, $refusal, $page, $request->query(...), static fn (string $name): array => []);
    }

    private static function isMistake(Refusal $refusal): bool
    {
        return $refusal instanceof AccountRefused || in_array($refusal->kind, [
            RefusalKind::BadInput,
            RefusalKind::Conflict,
            RefusalKind::Unusable,
            RefusalKind::TooLarge,
            RefusalKind::TooOften,
        ], true);
    }

    /**
     * @param \Closure(string): ?string $text
     * @param \Closure(string): list<string> $texts
     */
    private static function filled(Request $request, Refusal $refusal, Response $page, \Closure $text, \Closure $texts): Response
    {
        $words = rtrim(RefusalWords::of($refusal, Texts::of($request)), '.') . '.';
        $filler = new FormFiller($text, $texts, $words, $refusal->field());
        $html = is_string($page->body) ? $filler->fill($page->body, basename($request->script())) : $page->body;

        return (new Response($page->status, $page->headers, $html))->refusing($refusal->kind, $refusal->retryAfterSeconds);
    }
}
