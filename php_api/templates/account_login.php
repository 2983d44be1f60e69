<?php
/**
 * @var array{email: string|null, verifiedAt: string|null} $address
 * @var ?string $awaitedAddress  that its owner has not confirmed yet
 * @var bool $sendsMail
 * @var list<array<string, mixed>> $logins
 * @var ?int $thisLogin
 * @var CrowdSky\Accounts\User $user
 * @var string $csrfToken
 * @var Closure $e
 * @var Closure $time
 * @var Closure $partial
 * @var CrowdSky\Pages\TemplateTexts $t
 */
?>
<h2 id="password"><?= $t('Password') ?></h2>
<div class="forms single">
<form method="post" action="account.php">
    <input type="hidden" name="csrf_token" value="<?= $e($csrfToken) ?>">
    <input type="hidden" name="form_action" value="password">
    <input type="hidden" name="username" value="<?= $e($user->username) ?>" autocomplete="username">
    <label for="old-password"><?= $t('Password until now') ?></label>
    <input id="old-password" name="password" type="password" autocomplete="current-password" required>
    <label for="new-password"><?= $t('New password') ?></label>
    <input id="new-password" name="new_password" type="password" autocomplete="new-password" required minlength="8"
           aria-describedby="new-password-hint">
    <p class="hint" id="new-password-hint"><?= $t('At least 8 characters. All other browsers are logged out.') ?></p>
    <button><?= $t('Change password') ?></button>
</form>
</div>
<h2 id="email"><?= $t('E-mail address') ?></h2>
<?php if ($address['email'] === null) : ?>
<p><?= $sendsMail
    ? $t('You have none here. With one you can set a new password when you have forgotten yours.')
    : $t('You have none here. This site sends no mails: when you have forgotten your password, its operator gives you a new one.') ?></p>
<?php else : ?>
<p><?= $e($address['email']) ?>
    <span class="hint"><?= $address['verifiedAt'] === null ? ($sendsMail ? $t('not confirmed') : $t('for the operator; this site sends no mails')) : $t('confirmed {when}', ['when' => $time($address['verifiedAt'])]) ?></span></p>
<?php endif ?>
<?php if ($awaitedAddress !== null) : ?>
<p class="note"><?= $t('{email} waits to be confirmed: open the link in the mail.', ['email' => $awaitedAddress]) ?></p>
<?php endif ?>
<div class="forms single">
<form method="post" action="account.php">
    <input type="hidden" name="csrf_token" value="<?= $e($csrfToken) ?>">
    <input type="hidden" name="form_action" value="email">
    <label for="email-address"><?= $sendsMail ? $t('New address, or the same to confirm it; empty for none') : $t('New address; empty for none') ?></label>
    <input id="email-address" name="email" type="email" autocomplete="email" maxlength="254" value="<?= $e($awaitedAddress ?? $address['email'] ?? '') ?>">
    <label for="email-password"><?= $t('Password') ?></label>
    <input id="email-password" name="password" type="password" autocomplete="current-password" required>
    <button><?= $t('Save address') ?></button>
</form>
</div>
<h2 id="logins"><?= $t('Browsers that are logged in') ?></h2>
<div class="scroll" role="region" aria-label="<?= $t('Browsers that are logged in') ?>" tabindex="0">
<table class="stacked">
    <thead><tr><th><?= $t('Device') ?></th><th><?= $t('Since') ?></th><th><?= $t('Last seen') ?></th><th><?= $t('From') ?></th><th><?= $t('Log out') ?></th></tr></thead>
    <tbody>
<?php foreach ($logins as $login) : ?>
        <tr>
            <td class="title title" data-label="<?= $t('Device') ?>"><?= $login['device'] === '' ? $t('unknown') : $e($login['device']) ?></td>
            <td data-label="<?= $t('Since') ?>"><?= $time($login['created_at']) ?></td>
            <td data-label="<?= $t('Last seen') ?>"><?= (int) $login['id'] === $thisLogin ? $t('now') : $time($login['last_seen_at']) ?></td>
            <td data-label="<?= $t('From') ?>"><?= $e($login['last_ip']) ?></td>
            <td>
<?php if ((int) $login['id'] === $thisLogin) : ?>
                <strong><?= $t('this browser') ?></strong>
<?php else : ?>
                <form method="post" action="account.php">
                    <input type="hidden" name="csrf_token" value="<?= $e($csrfToken) ?>">
                    <input type="hidden" name="form_action" value="end_login">
                    <input type="hidden" name="login_id" value="<?= $e($login['id']) ?>">
                    <button class="second"><?= $t('Log out') ?></button>
                </form>
<?php endif ?>
            </td>
        </tr>
<?php endforeach ?>
    </tbody>
</table>
</div>
<?php if (count($logins) > 1) : ?>
<form method="post" action="account.php">
    <input type="hidden" name="csrf_token" value="<?= $e($csrfToken) ?>">
    <input type="hidden" name="form_action" value="end_logins">
    <button class="second"><?= $t('Log out all other browsers') ?></button>
</form>
<?php endif ?>
