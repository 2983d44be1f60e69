<?php

declare(strict_types=1);

namespace CrowdSky\Pages;

use CrowdSky\Accounts\AccountRefused;
use CrowdSky\Accounts\Accounts;
use CrowdSky\Accounts\Login;
use CrowdSky\Accounts\LoginThrottle;
use CrowdSky\Accounts\Registration;
use CrowdSky\Accounts\SecondFactor;
use CrowdSky\Accounts\User;
use CrowdSky\Accounts\Visitor;
use CrowdSky\Base\Refusal;
use CrowdSky\Http\OwnPage;
use CrowdSky\Http\Request;
use CrowdSky\Http\Response;
use CrowdSky\Kernel\App;
use CrowdSky\Mail\MailServices;
use CrowdSky\Pages\Account\AccountMails;
use CrowdSky\Pages\Account\RefusalWords;

/** Shows and handles the login and registration forms. */
final class LoginPage
{
    private function __construct(
        private readonly App $app,
        private readonly Request $request,
        private readonly Visitor $visitor,
    ) {
    }

    public static function answer(App $app, Request $request): Response
    {
        $page = new self($app, $request, Visitor::of($app, $request));

        return $request->method() === 'POST' ? $page->take() : $page->open();
    }

    private function open(): Response
    {
        $user = $this->visitor->user();
        if ($user !== null) {
            return Response::found($this->next() ?? self::firstPage($user));
        }
        if ($this->visitor->session->awaitedUserId() !== null && $this->request->query('again') === null) {
            return $this->codeForm(null);
        }

        return $this->form($this->message(), null);
    }

    /** Where a login leads that was not asked for by a page. */
    private static function firstPage(User $user): string
    {
        return $user->isAdmin() ? 'admin_summary.php' : 'upload.php';
    }

    private function message(): ?string
    {
        $texts = Texts::of($this->request);

        return match ($this->request->query('msg')) {
            'login_required' => $texts->say('Please log in to see this page.'),
            'logged_out' => $texts->say('You are logged out.'),
            'registered' => $texts->say('Your account is created. You can log in as soon as the operator of this site has approved it.'),
            'account_closed' => $texts->say('Your account is closed, and what belongs to it is being deleted.'),
            'password_set' => $texts->say('Your new password is set. Log in with it.'),
            default => null,
        };
    }

    private function take(): Response
    {
        $this->visitor->requireCsrf($this->request->form('csrf_token'));
        if ($this->request->form('form_action') === 'code') {
            return $this->takeCode();
        }
        try {
            $user = match ($this->request->form('form_action')) {
                'login' => $this->logIn(),
                'register' => $this->register(),
                default => throw Refusal::badInput("'form_action' must be login, code or register"),
            };
        } catch (AccountRefused $refusal) {
            return $this->form(null, $refusal);
        }
        if (!$user->isActive) {
            return Response::redirect('login.php?msg=registered');
        }
        if (SecondFactor::of($this->app)->isOn($user->id)) {
            $this->visitor->session->awaitCode($user);
            $next = $this->next();

            return Response::redirect('login.php' . ($next === null ? '' : '?next=' . rawurlencode($next)));
        }
        $this->visitor->logIn($user);

        return Response::found($this->next() ?? self::firstPage($user));
    }

    /** Logs in whoever has given the password a moment ago and now has the right code. */
    private function takeCode(): Response
    {
        $userId = $this->visitor->session->awaitedUserId();
        $user = $userId === null ? null : (new Accounts($this->app->database(), $this->app->clock()))->find($userId);
        if ($user === null || !$user->isActive) {
            return Response::redirect('login.php?msg=login_required');
        }
        try {
            SecondFactor::of($this->app)->require($user->id, $this->request->form('code') ?? '', $this->request->remoteAddress());
        } catch (AccountRefused $refusal) {
            return $this->codeForm($refusal);
        }
        $this->visitor->logIn($user);

        return Response::found($this->next() ?? self::firstPage($user));
    }

    private function codeForm(?AccountRefused $refusal): Response
    {
        $page = View::of($this->visitor)->page('login_code', 'Second factor', [
            'problem' => $refusal === null ? null : RefusalWords::of($refusal, Texts::of($this->request)),
            'next' => $this->next(),
            'formToken' => $this->visitor->formToken(),
        ]);

        return $refusal === null ? $page : $page->refusing($refusal->kind, $refusal->retryAfterSeconds);
    }

    /** The page that was asked for before the login. */
    private function next(): ?string
    {
        return OwnPage::accepted($this->request->form('next') ?? $this->request->query('next'));
    }

    private function logIn(): User
    {
        $login = new Login($this->app->database(), LoginThrottle::of($this->app));

        return $login->authenticate(
            $this->request->form('username') ?? '',
            $this->request->form('password') ?? '',
            $this->request->remoteAddress()
        );
    }

    private function register(): User
    {
        $config = $this->app->config();
        $registration = new Registration(
            $this->app->database(),
            $this->app->clock(),
            $config->registration,
            $config->maxRegistrationsPerDay,
        );

        $user = $registration->register(
            $this->request->form('username') ?? '',
            $this->request->form('password') ?? '',
            $this->request->form('email'),
            $this->wantsPublicStacks(),
            $this->request->remoteAddress()
        );
        $email = Accounts::checkedEmail($this->request->form('email'));
        if ($email !== null && MailServices::of($this->app)->isOn()) {
            (new AccountMails($this->app, Texts::of($this->request)))->confirmAddress($user->id, $email, $user->username);
        }

        return $user;
    }

    /** Public unless the box is unchecked, also for programs that know no such box. */
    private function wantsPublicStacks(): bool
    {
        return ($this->request->form('stacks_public') ?? '1') === '1';
    }

    private function form(?string $notice, ?AccountRefused $refusal): Response
    {
        $page = View::of($this->visitor)->page('login', 'Log in', [
            'notice' => $notice,
            'problem' => $refusal === null ? null : RefusalWords::of($refusal, Texts::of($this->request)),
            'failedForm' => $refusal === null ? null : $this->request->form('form_action'),
            'username' => $this->request->form('username') ?? '',
            'email' => $this->request->form('email') ?? '',
            'canRegister' => $this->app->config()->registration !== Registration::CLOSED,
            'needsApproval' => $this->app->config()->registration === Registration::APPROVAL,
            'wantsPublicStacks' => $this->wantsPublicStacks(),
            'next' => $this->next(),
            'formToken' => $this->visitor->formToken(),
        ]);

        return $refusal === null ? $page : $page->refusing($refusal->kind, $refusal->retryAfterSeconds);
    }
}
