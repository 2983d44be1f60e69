<?php
/**
 * @var bool $isSent
 * @var bool $sendsMail
 * @var ?string $problem
 * @var bool $isAsking  whether the problem is that of the first form
 * @var string $code
 * @var string $formToken
 * @var Closure $e
 * @var CrowdSky\Pages\TemplateTexts $t
 */
?>
<h1><?= $t('A new password') ?></h1>
<?php if ($isSent) : ?>
<p class="note" role="status"><?= $t('If there is an account with this address, a mail is on its way. Look among unwanted mails, too. You can ask three times an hour.') ?></p>
<?php endif ?>
<div class="forms">
<section>
    <h2><?= $t('1. Get a code') ?></h2>
<?php if ($sendsMail) : ?>
<?php if ($problem !== null && $isAsking) : ?>
    <p class="problem" role="alert"><?= $e($problem) ?></p>
<?php endif ?>
    <form method="post" action="reset.php">
        <input type="hidden" name="form_action" value="ask">
        <input type="hidden" name="csrf_token" value="<?= $e($formToken) ?>">
        <label for="reset-email"><?= $t('E-mail address of the account') ?></label>
        <input id="reset-email" name="email" type="email" autocomplete="email" maxlength="254" required>
        <button><?= $t('Send me a code') ?></button>
    </form>
    <p class="hint"><?= $t('Accounts without an e-mail address get a code from the operator of the site.') ?></p>
<?php else : ?>
    <p><?= $t('This site sends no mails. Ask its operator, who can give you a code.') ?></p>
<?php endif ?>
</section>
<section>
    <h2><?= $t('2. Set the password') ?></h2>
<?php if ($problem !== null && !$isAsking) : ?>
    <p class="problem" role="alert"><?= $e($problem) ?></p>
<?php endif ?>
    <form method="post" action="reset.php">
        <input type="hidden" name="form_action" value="set">
        <input type="hidden" name="csrf_token" value="<?= $e($formToken) ?>">
        <label for="reset-code"><?= $t('Code that you have got') ?></label>
        <input id="reset-code" name="code" autocomplete="one-time-code" spellcheck="false" maxlength="80" required data-mailed-code
               value="<?= $e($code) ?>">
        <label for="reset-password"><?= $t('New password') ?></label>
        <input id="reset-password" name="password" type="password" autocomplete="new-password" required minlength="8"
               aria-describedby="reset-password-hint" data-after-code>
        <p class="hint" id="reset-password-hint"><?= $t('At least 8 characters. All browsers are logged out.') ?></p>
        <button><?= $t('Set password') ?></button>
    </form>
</section>
</div>
<script type="module" src="assets/js/mailed_code.js"></script>
