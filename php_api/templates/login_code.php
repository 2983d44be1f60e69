<?php
/**
 * @var ?string $problem
 * @var ?string $next  page that was asked for
 * @var string $formToken
 * @var Closure $e
 * @var CrowdSky\Pages\TemplateTexts $t
 */
?>
<div class="forms single">
<section>
    <h1><?= $t('Second factor') ?></h1>
<?php if ($problem !== null) : ?>
    <p class="problem" role="alert"><?= $e($problem) ?></p>
<?php endif ?>
    <form method="post" action="login.php">
        <input type="hidden" name="form_action" value="code">
<?php if ($next !== null) : ?>
        <input type="hidden" name="next" value="<?= $e($next) ?>">
<?php endif ?>
        <input type="hidden" name="csrf_token" value="<?= $e($formToken) ?>">
        <label for="login-code"><?= $t('Code of the app, or one for recovery') ?></label>
        <input id="login-code" name="code" autocomplete="one-time-code" spellcheck="false" maxlength="40" required autofocus>
        <button><?= $t('Log in') ?></button>
    </form>
    <p><a href="login.php?again=1"><?= $t('Log in as somebody else') ?></a></p>
</section>
</div>
