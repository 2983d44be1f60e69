<?php

declare(strict_types=1);

namespace CrowdSky\Pages;

use CrowdSky\Accounts\Visitor;
use CrowdSky\Base\Refusal;
use CrowdSky\Http\Request;
use CrowdSky\Http\Response;
use CrowdSky\Kernel\App;
use CrowdSky\Pages\Account\AccountVisit;
use CrowdSky\Pages\Account\DataPart;
use CrowdSky\Pages\Account\FactorPart;
use CrowdSky\Pages\Account\KeysPart;
use CrowdSky\Pages\Account\LoginPart;
use CrowdSky\Pages\Account\Part;
use CrowdSky\Pages\Account\StacksPart;

/** What users decide about their own account, in parts. */
final class AccountPage
{
    private const FIRST = 'stacks';
    /** By the name in the address, in the order of the page's tabs. */
    private const PARTS = [
        self::FIRST => StacksPart::class,
        'login' => LoginPart::class,
        'factor' => FactorPart::class,
        'keys' => KeysPart::class,
        'data' => DataPart::class,
    ];

    /** @throws Refusal for a form from another site, and for a value that no form of ours sends */
    public static function answer(App $app, Request $request): Response
    {
        $visitor = Visitor::of($app, $request);
        $visit = new AccountVisit($app, $request, $visitor, $visitor->requireUserForPage());

        return $request->method() === 'POST' ? self::act($visit) : self::show($visit, $request->query('section') ?? self::FIRST);
    }

    private static function show(AccountVisit $visit, string $name): Response
    {
        $name = isset(self::PARTS[$name]) ? $name : self::FIRST;

        return View::of($visit->visitor)->page('account', 'Account', ['part' => $name] + self::part($name)->values($visit));
    }

    private static function act(AccountVisit $visit): Response
    {
        $visit->visitor->requireCsrf($visit->request->form('csrf_token'));
        $action = $visit->request->form('form_action') ?? 'position';
        foreach (self::PARTS as $name => $class) {
            if (in_array($action, $class::actions(), true)) {
                return RefusedForm::take($visit->request, static fn (): Response => self::done($visit, $name, $action), static fn (): Response => self::show($visit, $name));
            }
        }
        $known = array_merge(...array_map(static fn (string $class): array => $class::actions(), array_values(self::PARTS)));
        throw Refusal::badInput("'form_action' must be one of " . implode(', ', $known));
    }

    private static function done(AccountVisit $visit, string $name, string $action): Response
    {
        $note = self::part($name)->act($visit, $action);
        if ($visit->visitor->user() === null) {
            return Response::redirect('login.php?msg=account_closed');
        }
        Notes::leave($visit->visitor, $note);

        return Response::redirect($name === self::FIRST ? 'account.php' : "account.php?section=$name");
    }

    private static function part(string $name): Part
    {
        return new (self::PARTS[$name])();
    }
}
