<?php

declare(strict_types=1);

namespace CrowdSky\Accounts;

use CrowdSky\Http\HttpError;
use CrowdSky\Http\Request;
use CrowdSky\Kernel\App;

/** Who is asking: the browser behind a request, its login and what it may do. */
final class Visitor
{
    private function __construct(public readonly Session $session, private readonly bool $wantsPage)
    {
    }

    public static function of(App $app, Request $request): self
    {
        $accounts = new Accounts($app->database(), $app->clock());
        $session = new Session($accounts, $app->clock(), $app->data()->path('sessions'), $request->isSecure());

        return new self($session, $request->wantsPage());
    }

    public function user(): ?User
    {
        return $this->session->user();
    }

    /** The token for this visitor's forms; null without a login, so that merely showing a page starts no session. */
    public function csrfToken(): ?string
    {
        return $this->user() === null ? null : $this->session->csrfToken();
    }

    /**
     * For calls made by scripts and for files.
     *
     * @throws HttpError 401 without a login; a person who followed a link is sent to the login page
     */
    public function requireUser(): User
    {
        return $this->user() ?? throw ($this->wantsPage
            ? self::loginFirst()
            : new HttpError(401, 'login_required', 'You are not logged in any more. Log in and try again.'));
    }

    /**
     * For pages.
     *
     * @throws HttpError 302 to the login page without a login
     */
    public function requireUserForPage(): User
    {
        return $this->user() ?? throw self::loginFirst();
    }

    /** @throws HttpError 302 without a login, 403 for everybody but admins */
    public function requireAdmin(): User
    {
        $user = $this->requireUserForPage();
        if (!$user->isAdmin()) {
            throw HttpError::forbidden('This page is for the operators of the site.');
        }

        return $user;
    }

    /** @throws HttpError 403 when the token is not that of this session */
    public function requireCsrf(?string $token): void
    {
        if (!$this->session->isCsrfToken($token)) {
            throw HttpError::forbidden(
                'This form is not valid any more. Go back, reload the page and try again.',
                'csrf'
            );
        }
    }

    private static function loginFirst(): HttpError
    {
        return new HttpError(302, 'login_required', 'Log in first.', ['Location' => 'login.php?msg=login_required']);
    }
}
