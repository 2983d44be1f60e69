<?php

declare(strict_types=1);

namespace CrowdSky\Pages;

use CrowdSky\Accounts\AccountRefused;
use CrowdSky\Accounts\Addresses;
use CrowdSky\Accounts\MailedCodes;
use CrowdSky\Accounts\MailThrottle;
use CrowdSky\Accounts\Passwords;
use CrowdSky\Accounts\Visitor;
use CrowdSky\Base\Refusal;
use CrowdSky\Base\Utc;
use CrowdSky\Http\Request;
use CrowdSky\Http\Response;
use CrowdSky\Kernel\App;
use CrowdSky\Mail\MailServices;
use CrowdSky\Pages\Account\AccountMails;
use CrowdSky\Pages\Account\RefusalWords;

/**
 * A new password for who has forgotten theirs: a code by mail, or from an admin, and the form that takes it.
 *
 * What the page answers, and when, does not depend on whether there is an account with the address.
 */
final class ResetPage
{
    private function __construct(
        private readonly App $app,
        private readonly Request $request,
        private readonly Visitor $visitor,
    ) {
    }

    /** @throws Refusal for a form that is not ours */
    public static function answer(App $app, Request $request): Response
    {
        $page = new self($app, $request, Visitor::of($app, $request));

        return $request->method() === 'POST' ? $page->take() : $page->show(null);
    }

    private function take(): Response
    {
        $this->visitor->requireCsrf($this->request->form('csrf_token'));
        try {
            return match ($this->request->form('form_action')) {
                'ask' => $this->ask(trim($this->request->form('email') ?? '')),
                'set' => $this->set(),
                default => throw Refusal::badInput("'form_action' must be ask or set"),
            };
        } catch (AccountRefused $refusal) {
            return $this->show($refusal);
        }
    }

    private function ask(string $email): Response
    {
        $throttle = new MailThrottle($this->app->database(), $this->app->clock());
        if ($throttle->admits($email, $this->request->remoteAddress()) && MailServices::of($this->app)->isOn()) {
            $this->app->afterwards(fn () => $this->sendCode($email));
        }

        return Response::redirect('reset.php?msg=sent');
    }

    private function sendCode(string $email): void
    {
        $account = (new Addresses($this->app->database(), $this->app->clock()))->withMail($email);
        if ($account !== null) {
            $codes = new MailedCodes($this->app->database(), $this->app->clock());
            $code = $codes->issue($account['id'], MailedCodes::PASSWORD, $account['email']);
            $mail = (new AccountMails($this->app, Texts::of($this->request)))->password($account['email'], $account['username'], $code);
            MailServices::of($this->app)->mailer()->send($mail);
        }
    }

    private function set(): Response
    {
        $now = Utc::stored($this->app->clock()->now());
        $userId = Passwords::of($this->app)->reset($this->request->form('code') ?? '', $this->request->form('password') ?? '', $now);
        $this->app->log()->info('a password was set with a code', ['user' => $userId]);

        return Response::redirect('login.php?msg=password_set');
    }

    private function show(?AccountRefused $refusal): Response
    {
        $texts = Texts::of($this->request);
        $page = View::of($this->visitor)->page('reset', 'A new password', [
            'isSent' => $this->request->query('msg') === 'sent',
            'sendsMail' => MailServices::of($this->app)->isOn(),
            'problem' => $refusal === null ? null : RefusalWords::of($refusal, $texts),
            'isAsking' => $this->request->form('form_action') === 'ask',
            'code' => $this->request->form('code') ?? '',
            'formToken' => $this->visitor->formToken(),
        ]);

        return $refusal === null ? $page : $page->refusing($refusal->kind, $refusal->retryAfterSeconds);
    }
}
