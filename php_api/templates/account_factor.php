<?php
/**
 * @var bool $isOn
 * @var ?string $secret  that waits for its first code
 * @var ?string $picture  SVG
 * @var int $codesLeft
 * @var list<string> $newCodes  for recovery, made just now
 * @var string $csrfToken
 * @var Closure $e
 * @var CrowdSky\Pages\TemplateTexts $t
 */
?>
<h2 id="factor"><?= $t('Second factor') ?></h2>
<p><?= $t(
    'With a second factor, a stolen password is not enough: at each login the site also asks for a code that an app on your'
    . ' phone shows. Programs at the telescope then sign in with a key in place of the password.'
) ?></p>
<?php if ($newCodes !== []) : ?>
<div class="note" role="status">
    <p><?= $t('Codes for recovery, each for one login without the app. They are shown only now: print them, or keep them where your passwords are.') ?></p>
    <ul class="codes">
<?php foreach ($newCodes as $code) : ?>
        <li><code><?= $e($code) ?></code></li>
<?php endforeach ?>
    </ul>
</div>
<?php endif ?>
<?php if ($isOn) : ?>
<p><strong><?= $t('It is on.') ?></strong> <?= $t->count($codesLeft, '{n} code for recovery is left.', '{n} codes for recovery are left.') ?></p>
<div class="forms single">
<form method="post" action="account.php">
    <input type="hidden" name="csrf_token" value="<?= $e($csrfToken) ?>">
    <label for="factor-password"><?= $t('Password') ?></label>
    <input id="factor-password" name="password" type="password" autocomplete="current-password" required>
    <label for="factor-code"><?= $t('Code of the app, or one for recovery') ?></label>
    <input id="factor-code" name="code" autocomplete="one-time-code" spellcheck="false" maxlength="40" required>
    <button name="form_action" value="new_recovery_codes"><?= $t('New codes for recovery') ?></button>
    <button class="second" name="form_action" value="remove_factor"><?= $t('Switch off') ?></button>
</form>
</div>
<?php elseif ($secret !== null) : ?>
<div class="factor">
<?= $picture ?>
<div class="forms single">
<form method="post" action="account.php">
    <p><?= $t('Scan the picture with an app such as Aegis, FreeOTP or the one that keeps your passwords, or type this into it:') ?></p>
    <p><code class="long"><?= $e(implode(' ', str_split($secret, 4))) ?></code></p>
    <input type="hidden" name="csrf_token" value="<?= $e($csrfToken) ?>">
    <input type="hidden" name="form_action" value="confirm_factor">
    <label for="first-code"><?= $t('Code that the app shows') ?></label>
    <input id="first-code" name="code" inputmode="numeric" autocomplete="one-time-code" maxlength="10" required>
    <button><?= $t('Switch on') ?></button>
</form>
</div>
</div>
<?php else : ?>
<div class="forms single">
<form method="post" action="account.php">
    <input type="hidden" name="csrf_token" value="<?= $e($csrfToken) ?>">
    <input type="hidden" name="form_action" value="prepare_factor">
    <label for="prepare-password"><?= $t('Password') ?></label>
    <input id="prepare-password" name="password" type="password" autocomplete="current-password" required>
    <button><?= $t('Set it up') ?></button>
</form>
</div>
<?php endif ?>
