<?php

declare(strict_types=1);

namespace CrowdSky\Pages;

use CrowdSky\Accounts\Visitor;
use CrowdSky\Base\Refusal;
use CrowdSky\Http\Language;
use CrowdSky\Http\OwnPage;
use CrowdSky\Http\Request;
use CrowdSky\Http\Response;
use CrowdSky\Http\Theme;
use CrowdSky\Kernel\App;

/** Keeps the reader's choice of language or colours in a cookie, with or without a login, and leads back. */
final class PreferencesPage
{
    private const KEPT_SECONDS = 365 * 86400;

    /** @throws Refusal for what cannot be chosen, or a form that is not ours */
    public static function answer(App $app, Request $request): Response
    {
        self::requireOwnForm(Visitor::of($app, $request), $request);
        $theme = $request->form('theme');
        if ($theme !== null) {
            self::keep('theme', Theme::tryFrom($theme)?->value, $app, $request);
        } else {
            self::keep('language', Language::tryFrom($request->form('language') ?? '')?->value, $app, $request);
        }

        return Response::redirect(OwnPage::named($request->form('back')) ?? 'index.php');
    }

    /** Without a login nothing proves a form ours but the browser's word; a foreign one could only change how pages look. */
    private static function requireOwnForm(Visitor $visitor, Request $request): void
    {
        if ($visitor->user() !== null) {
            $visitor->requireCsrf($request->form('csrf_token'));
        } elseif ($request->header('Sec-Fetch-Site') === 'cross-site') {
            throw Refusal::forbidden('This form is not of this site. Use the switch at the foot of the page.', 'csrf');
        }
    }

    private static function keep(string $name, ?string $value, App $app, Request $request): void
    {
        if ($value === null) {
            throw Refusal::badInput("'$name' is not one that this site has");
        }
        setcookie($name, $value, [
            'expires' => $app->clock()->now()->getTimestamp() + self::KEPT_SECONDS,
            'path' => '/',
            'httponly' => true,
            'samesite' => 'Lax',
            'secure' => $request->isSecure(),
        ]);
    }
}
