<?php

declare(strict_types=1);

namespace CrowdSky\Accounts;

use CrowdSky\Base\Refusal;
use CrowdSky\Http\HttpError;
use CrowdSky\Http\OwnPage;
use CrowdSky\Http\Request;
use CrowdSky\Kernel\App;

/** Who is asking: the browser behind a request, its login, and what it is allowed to do. */
final class Visitor
{
    private function __construct(
        public readonly Session $session,
        private readonly GuestToken $guest,
        public readonly Request $request,
    ) {
    }

    public static function of(App $app, Request $request): self
    {
        $logins = new Logins($app->database(), $app->clock());
        $folder = $app->data()->path('sessions');
        $session = new Session($logins, $app->clock(), $folder, $request->isSecure(), $request->remoteAddress());

        return new self($session, new GuestToken($request, $app->data()), $request);
    }

    public function user(): ?User
    {
        return $this->session->user();
    }

    public function logIn(User $user): void
    {
        $this->session->logIn($user, DeviceWords::of($this->request->header('User-Agent')));
    }

    /** The token for this visitor's forms; null without a login. */
    public function csrfToken(): ?string
    {
        return $this->user() === null ? null : $this->session->csrfToken();
    }

    /** The token for forms that work without a login. */
    public function formToken(): string
    {
        return $this->session->csrfToken() ?? $this->guest->issue();
    }

    /**
     * For calls made by scripts and for files.
     *
     * @throws Refusal without a login
     * @throws HttpError instead that sends a person who followed a link to the login page
     */
    public function requireUser(): User
    {
        return $this->user() ?? throw ($this->request->wantsPage()
            ? $this->loginFirst()
            : Refusal::loginNeeded('You are not logged in any more. Log in and try again.'));
    }

    /**
     * For pages.
     *
     * @throws HttpError without a login, which leads to the login page
     */
    public function requireUserForPage(): User
    {
        return $this->user() ?? throw $this->loginFirst();
    }

    /**
     * @throws HttpError without a login, which leads to the login page
     * @throws Refusal for everybody but admins
     */
    public function requireAdmin(): User
    {
        $user = $this->requireUserForPage();
        if (!$user->isAdmin()) {
            throw Refusal::forbidden('This page is for the operators of the site.');
        }

        return $user;
    }

    /** @throws Refusal when the token is not that of this session or, without one, of this browser */
    public function requireCsrf(?string $token): void
    {
        $expected = $this->session->csrfToken() ?? $this->guest->expected();
        if ($token === null || $expected === null || !hash_equals($expected, $token)) {
            throw Refusal::forbidden(
                'This form is not valid any more. Go back, reload the page and try again.',
                'csrf'
            );
        }
    }

    /** Leads to the login page, and from there to the page that was asked for. */
    private function loginFirst(): HttpError
    {
        $asked = OwnPage::asked($this->request);
        $next = $asked === null ? '' : '&next=' . rawurlencode($asked);

        return HttpError::elsewhere("login.php?msg=login_required$next", 'Log in first.', 'login_required');
    }
}
