<?php

declare(strict_types=1);

namespace CrowdSky\Pages\Account;

use CrowdSky\Accounts\AccountRefused;
use CrowdSky\Accounts\SecondFactor;
use CrowdSky\Base\Refusal;
use CrowdSky\Stacks\AccountDeletion;

/** All of one's own data as a file, and its deletion. */
final class DataPart implements Part
{
    public static function actions(): array
    {
        return ['delete_account'];
    }

    public function values(AccountVisit $visit): array
    {
        return [
            'counts' => AccountDeletion::of($visit->app)->counts($visit->user->id),
            'hasFactor' => SecondFactor::of($visit->app)->isOn($visit->user->id),
        ];
    }

    /**
     * Locks the account at once; what belongs to it is deleted after the answer, and by the next cleanups.
     *
     * @throws AccountRefused when name, password or code is not right
     */
    public function act(AccountVisit $visit, string $action): string
    {
        [$app, $request, $user] = [$visit->app, $visit->request, $visit->user];
        $keepsPublic = match ($request->form('public_stacks')) {
            'keep' => true,
            'delete' => false,
            default => throw Refusal::badInput("'public_stacks' must be keep or delete", 'no_choice')->at('public_stacks'),
        };
        if (strcasecmp(trim($request->form('typed_name') ?? ''), $user->username) !== 0) {
            throw AccountRefused::wrongName();
        }
        $visit->requirePassword();
        if (SecondFactor::of($app)->isOn($user->id)) {
            SecondFactor::of($app)->require($user->id, $request->form('code') ?? '', $request->remoteAddress());
        }
        $deletion = AccountDeletion::of($app);
        $deletion->request($user, $keepsPublic);
        $visit->visitor->session->logOut();
        $app->log()->info('an account is to be deleted', ['user' => $user->id, 'public stacks stay' => $keepsPublic]);
        $app->afterwards(static function () use ($deletion, $user): void {
            set_time_limit(0);
            $deletion->proceed($user->id);
        });

        return $visit->texts->say('Your account is closed, and what belongs to it is being deleted.');
    }
}
