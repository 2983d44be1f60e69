<?php

declare(strict_types=1);

namespace CrowdSky\Pages;

use CrowdSky\Accounts\AccountRefused;
use CrowdSky\Accounts\Accounts;
use CrowdSky\Accounts\Addresses;
use CrowdSky\Accounts\MailedCodes;
use CrowdSky\Accounts\Visitor;
use CrowdSky\Base\Refusal;
use CrowdSky\Http\Request;
use CrowdSky\Http\Response;
use CrowdSky\Kernel\App;
use CrowdSky\Mail\MailServices;
use CrowdSky\Pages\Account\AccountMails;
use CrowdSky\Pages\Account\RefusalWords;

/**
 * Takes the code that shows an e-mail address to be its owner's. A button does it, since programs that look into mails
 * open every link.
 */
final class ConfirmPage
{
    /** @throws Refusal for a form that is not ours */
    public static function answer(App $app, Request $request): Response
    {
        $visitor = Visitor::of($app, $request);
        $refusal = null;
        if ($request->method() === 'POST') {
            $visitor->requireCsrf($request->form('csrf_token'));
            try {
                self::confirm($app, $request);

                return Response::redirect('confirm.php?msg=confirmed');
            } catch (AccountRefused $refusal) {
                // Shown below.
            }
        }
        $page = View::of($visitor)->page('confirm', 'Confirm your e-mail address', [
            'isConfirmed' => $request->query('msg') === 'confirmed',
            'problem' => $refusal === null ? null : RefusalWords::of($refusal, Texts::of($request)),
            'formToken' => $visitor->formToken(),
        ]);

        return $refusal === null ? $page : $page->refusing($refusal->kind, $refusal->retryAfterSeconds);
    }

    /** @throws AccountRefused when the code is not valid, or another account has the address meanwhile */
    private static function confirm(App $app, Request $request): void
    {
        $codes = new MailedCodes($app->database(), $app->clock());
        $redeemed = $codes->redeem($request->form('code') ?? '', MailedCodes::ADDRESS) ?? throw AccountRefused::wrongCode();
        $addresses = new Addresses($app->database(), $app->clock());
        $former = $addresses->of($redeemed['userId'])['email'];
        $addresses->set($redeemed['userId'], $redeemed['email'], true);
        if ($former !== null && strcasecmp($former, (string) $redeemed['email']) !== 0 && MailServices::of($app)->isOn()) {
            $username = (new Accounts($app->database(), $app->clock()))->find($redeemed['userId'])->username ?? '';
            (new AccountMails($app, Texts::of($request)))->addressChanged($former, $username);
        }
    }
}
