<?php
/**
 * @var ?string $notice
 * @var ?string $problem
 * @var ?string $failedForm  login or register
 * @var string $username
 * @var string $email
 * @var bool $canRegister
 * @var bool $needsApproval  by an admin, before a new account can be used
 * @var bool $wantsPublicStacks
 * @var ?string $next  page that was asked for
 * @var string $formToken
 * @var Closure $e
 * @var CrowdSky\Pages\TemplateTexts $t
 */
$isRegistering = $failedForm === 'register' && $canRegister;
$loginProblem = $isRegistering ? null : $problem;
$registerProblem = $isRegistering ? $problem : null;
?>
<div class="forms">
<section>
    <h1><?= $t('Log in') ?></h1>
<?php if ($notice !== null) : ?>
    <p class="note" role="status"><?= $e($notice) ?></p>
<?php endif ?>
<?php if ($loginProblem !== null) : ?>
    <p class="problem" role="alert"><?= $e($loginProblem) ?></p>
<?php endif ?>
    <form method="post" action="login.php">
        <input type="hidden" name="form_action" value="login">
<?php if ($next !== null) : ?>
        <input type="hidden" name="next" value="<?= $e($next) ?>">
<?php endif ?>
        <input type="hidden" name="csrf_token" value="<?= $e($formToken) ?>">
        <label for="login-name"><?= $t('User name or e-mail') ?></label>
        <input id="login-name" name="username" autocomplete="username" required autofocus
               value="<?= $e($registerProblem === null ? $username : '') ?>">
        <label for="login-password"><?= $t('Password') ?></label>
        <input id="login-password" name="password" type="password" autocomplete="current-password" required>
        <button><?= $t('Log in') ?></button>
    </form>
    <p><a href="reset.php"><?= $t('Password forgotten?') ?></a></p>
</section>
<?php if ($canRegister) : ?>
<section id="register">
    <h2><?= $t('Create an account') ?></h2>
<?php if ($registerProblem !== null) : ?>
    <p class="problem" role="alert"><?= $e($registerProblem) ?></p>
<?php endif ?>
    <form method="post" action="login.php#register">
        <input type="hidden" name="form_action" value="register">
<?php if ($next !== null) : ?>
        <input type="hidden" name="next" value="<?= $e($next) ?>">
<?php endif ?>
        <input type="hidden" name="csrf_token" value="<?= $e($formToken) ?>">
        <label for="new-name"><?= $t('User name') ?></label>
        <input id="new-name" name="username" autocomplete="username" required minlength="3" maxlength="64"
               pattern="[A-Za-z0-9][A-Za-z0-9._+\-]{2,63}" aria-describedby="new-name-hint"
               value="<?= $e($registerProblem !== null ? $username : '') ?>">
        <p class="hint" id="new-name-hint"><?= $t('3 to 64 letters, digits, dots, dashes or underscores.') ?></p>
        <label for="new-email"><?= $t('E-mail <span class="hint">(optional)</span>') ?></label>
        <input id="new-email" name="email" type="email" autocomplete="email" maxlength="254"
               value="<?= $e($registerProblem !== null ? $email : '') ?>">
        <label for="new-password"><?= $t('Password') ?></label>
        <input id="new-password" name="password" type="password" autocomplete="new-password" required minlength="8"
               aria-describedby="new-password-hint">
        <p class="hint" id="new-password-hint"><?= $t('At least 8 characters.') ?></p>
        <input type="hidden" name="stacks_public" value="0">
        <p><label><input type="checkbox" name="stacks_public" value="1"<?= $wantsPublicStacks ? ' checked' : '' ?>
                         aria-describedby="new-public-hint"> <?= $t('My stacks are public') ?></label></p>
        <p class="hint" id="new-public-hint"><?= $t(
                'Everybody may see your stacks and use them, without your name and without the position of your telescope.'
                . ' You can change this at any time, for all stacks or for one.'
            ) ?></p>
<?php if ($needsApproval) : ?>
        <p class="hint"><?= $t('You can use the account as soon as the operator of this site has approved it.') ?></p>
<?php endif ?>
        <button><?= $t('Create account') ?></button>
    </form>
</section>
<?php endif ?>
</div>
