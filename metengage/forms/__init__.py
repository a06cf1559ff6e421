"""Every form, and the sentence shown when it is wrong: of the survey, of residents, of officers."""

from metengage.forms.officers import NEW_STORY, AlertForm, AnswerForm, NewAlertForm, SignInForm
from metengage.forms.releasing import LATER, NOW, CommentForm, ReasonForm, WhenForm, WhyFirstForm
from metengage.forms.residents import (
    CAPS,
    OFF,
    AddAreasForm,
    CapForm,
    CodeForm,
    ComplaintForm,
    LinkForm,
    MoveForm,
    NewAddressForm,
    OftenForm,
    PauseForm,
    WhyForm,
)
from metengage.forms.signing_up import (
    ConcernsForm,
    ConsentForm,
    NameForm,
    QuestionForm,
    RankForm,
    WaitingForm,
    elsewhere,
    survey_form,
)
