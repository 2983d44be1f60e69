<?php

declare(strict_types=1);

namespace CrowdSky\Pages\Account;

use CrowdSky\Accounts\SecondFactor;
use CrowdSky\Accounts\Totp;
use CrowdSky\Pages\Notes;
use CrowdSky\Pages\Plot\QrCode;

/** The second factor: set up, codes for recovery, and its end. */
final class FactorPart implements Part
{
    private const CODES = 'recovery_codes';

    public static function actions(): array
    {
        return ['prepare_factor', 'confirm_factor', 'new_recovery_codes', 'remove_factor'];
    }

    public function values(AccountVisit $visit): array
    {
        $factor = SecondFactor::of($visit->app);
        $secret = $factor->prepared($visit->user->id);
        $label = $visit->texts->say('Picture for the app; the text beside it says the same');

        return [
            'isOn' => $factor->isOn($visit->user->id),
            'secret' => $secret === null ? null : Totp::shown($secret),
            'picture' => $secret === null ? null : QrCode::svg(Totp::uri($secret, $visit->user->username), $label),
            'codesLeft' => $factor->recoveryCodesLeft($visit->user->id),
            'newCodes' => Notes::takeSecrets($visit->visitor, $visit->app->clock(), self::CODES),
        ];
    }

    public function act(AccountVisit $visit, string $action): string
    {
        $factor = SecondFactor::of($visit->app);
        [$userId, $address] = [$visit->user->id, $visit->request->remoteAddress()];
        $code = $visit->request->form('code') ?? '';
        if ($action === 'confirm_factor') {
            $this->leave($visit, $factor->confirm($userId, $code, $address));

            return $visit->texts->say('The second factor is on. Keep the codes for recovery.');
        }
        $visit->requirePassword();
        if ($action === 'prepare_factor') {
            $factor->prepare($userId);

            return $visit->texts->say('Now scan the picture and type the code that the app shows.');
        }
        $factor->require($userId, $code, $address);
        if ($action === 'new_recovery_codes') {
            $this->leave($visit, $factor->newRecoveryCodes($userId));

            return $visit->texts->say('These are your new codes for recovery. Those until now are worth nothing.');
        }
        $factor->remove($userId);

        return $visit->texts->say('The second factor is off.');
    }

    /** @param non-empty-list<string> $codes */
    private function leave(AccountVisit $visit, array $codes): void
    {
        Notes::leaveSecrets($visit->visitor, $visit->app->clock(), self::CODES, $codes);
    }
}
